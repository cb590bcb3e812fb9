import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf, queryOf } from '#libs/http';
import { AccountEndpoint } from './account.endpoint.js';
import type { AccountPage } from './account-page.js';
import { ActEndpoint } from './act.endpoint.js';
import { AccountActions } from './actions/account-actions.js';
import type { AccountAction } from './actions/action.js';
import { ChangePasswordEndpoint } from './change-password.endpoint.js';
import { SignInEndpoint } from './sign-in.endpoint.js';

@Controller('account')
export class AccountController {
  constructor(
    private readonly pages: AccountEndpoint,
    private readonly acts: ActEndpoint,
    private readonly actions: AccountActions,
    private readonly password: ChangePasswordEndpoint,
    private readonly signIn: SignInEndpoint,
  ) {}

  @Get()
  overview(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.show('overview', request, reply);
  }

  @Get('sessions')
  sessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.show('sessions', request, reply);
  }

  @Get('applications')
  applications(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.show('applications', request, reply);
  }

  @Get('password')
  passwordForm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.show('password', request, reply);
  }

  @Get('activity')
  activity(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.show('activity', request, reply);
  }

  @Get('sign-in')
  signInForm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.signIn.show(queryOf(request).get('to'), request, reply);
  }

  @Post('sign-in')
  enter(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.signIn.signIn(formOf(request), request, reply);
  }

  @Post('sign-out')
  signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(this.actions.signOut, request, reply);
  }

  @Post('sessions/end')
  endOne(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(this.actions.endOne, request, reply);
  }

  @Post('sessions/end-others')
  endOthers(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(this.actions.endOthers, request, reply);
  }

  @Post('sessions/end-all')
  endAll(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(this.actions.endAll, request, reply);
  }

  @Post('applications/revoke')
  revoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.act(this.actions.revokeApplication, request, reply);
  }

  @Post('password')
  changePassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.password.change(formOf(request), request, reply);
  }

  private show(page: AccountPage, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.pages.show(page, queryOf(request), request, reply);
  }

  private act(action: AccountAction, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.acts.handle(action, formOf(request), request, reply);
  }
}
