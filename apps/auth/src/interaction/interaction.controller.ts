import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf } from '#libs/http';
import { InteractionEndpoint } from './interaction.endpoint.js';

@Controller('interaction/:handle')
export class InteractionController {
  constructor(private readonly endpoint: InteractionEndpoint) {}

  @Get()
  show(@Param('handle') handle: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.show(handle, request, reply);
  }

  @Post('login')
  signIn(@Param('handle') handle: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.signIn(handle, formOf(request), request, reply);
  }

  @Post('consent')
  answer(@Param('handle') handle: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.answer(handle, formOf(request, { repeatable: ['scope'] }), request, reply);
  }

  @Post('cancel')
  cancel(@Param('handle') handle: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.cancel(handle, formOf(request), request, reply);
  }
}
