import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf, queryOf } from '#libs/http';
import { LogoutEndpoint } from './logout.endpoint.js';

@Controller('logout')
export class LogoutController {
  constructor(private readonly endpoint: LogoutEndpoint) {}

  @Get()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.begin(queryOf(request), request, reply);
  }

  @Post()
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.begin(formOf(request), request, reply);
  }

  @Get(':handle')
  resume(@Param('handle') handle: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.resume(handle, request, reply);
  }

  @Post(':handle')
  answer(@Param('handle') handle: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.answer(handle, formOf(request), request, reply);
  }
}
