import { Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { clientAddress, formOf } from '#libs/http';
import { RevocationEndpoint } from './revocation.endpoint.js';

@Controller()
export class RevocationController {
  constructor(private readonly endpoint: RevocationEndpoint) {}

  /** RFC 7009 §2.2: 200, and the body says nothing. */
  @Post('revoke')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    await this.endpoint.revoke({
      authorization: request.headers.authorization,
      form: formOf(request),
      address: clientAddress(request),
    });
  }
}
