import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf, queryOf } from '#libs/http';
import { AuthorizeEndpoint } from './authorize.endpoint.js';

/** GET and POST (OIDC Core §3.1.2.1). Duplicates are kept: the endpoint judges them once it knows where an error may go. */
@Controller('authorize')
export class AuthorizeController {
  constructor(private readonly endpoint: AuthorizeEndpoint) {}

  @Get()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.handle(queryOf(request, { keepDuplicates: true }), request, reply);
  }

  @Post()
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.handle(formOf(request, { keepDuplicates: true }), request, reply);
  }
}
