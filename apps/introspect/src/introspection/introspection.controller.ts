import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IntrospectionAnswer } from './access-token-answer.js';
import { IntrospectionEndpoint } from './introspection.endpoint.js';

@Controller()
export class IntrospectionController {
  constructor(private readonly endpoint: IntrospectionEndpoint) {}

  @Post('introspect')
  @HttpCode(200)
  introspect(@Req() request: FastifyRequest): Promise<IntrospectionAnswer> {
    return this.endpoint.answer(request);
  }
}
