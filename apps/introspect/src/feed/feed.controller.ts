import { Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FeedEndpoint } from './feed.endpoint.js';

@Controller()
export class FeedController {
  constructor(private readonly endpoint: FeedEndpoint) {}

  @Get('revocations')
  listen(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.listen(request, reply);
  }

  /** For callers registered with client_secret_post: their credentials are a form. */
  @Post('revocations')
  listenByForm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.endpoint.listen(request, reply);
  }

  @Post('revocations/probe')
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  probe(@Req() request: FastifyRequest): Promise<string> {
    return this.endpoint.probe(request);
  }
}
