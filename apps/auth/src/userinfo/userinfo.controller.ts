import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthConfig } from '#libs/config';
import { formOf, queryOf } from '#libs/http';
import { AUTH_CONFIG } from '../ports.js';
import { bearerToken } from './bearer-token.js';
import { challenge, challenged } from './challenge.js';
import { UserinfoEndpoint } from './userinfo.endpoint.js';

@Controller('userinfo')
export class UserinfoController {
  private readonly realm: string;

  constructor(
    private readonly endpoint: UserinfoEndpoint,
    @Inject(AUTH_CONFIG) { issuer }: AuthConfig,
  ) {
    this.realm = issuer;
  }

  @Get()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, () => undefined);
  }

  /** The form is read only when there is one: a POST with the header alone has no content type. */
  @Post()
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, () => (request.headers['content-type'] ? formOf(request).get('access_token') : undefined));
  }

  private async answer(request: FastifyRequest, reply: FastifyReply, formToken: () => string | undefined): Promise<void> {
    try {
      const { authorization } = request.headers;
      const token = bearerToken({ authorization, form: formToken(), query: queryOf(request).get('access_token') });
      if (token === null) {
        // RFC 6750 §3.1: no error code where no authentication was attempted.
        reply.code(401).header('www-authenticate', challenge(this.realm)).send();
        return;
      }
      const answer = await this.endpoint.answer(token);
      answer.stillValid();
      reply.code(200).type(answer.contentType).send(answer.body);
    } catch (error) {
      throw challenged(this.realm, error);
    }
  }
}
