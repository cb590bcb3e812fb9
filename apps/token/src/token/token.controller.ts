import { Controller, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientAddress, formOf } from '#libs/http';
import type { TokenAnswer } from '../issuing/issue-tokens.js';
import { Deadline } from './deadline.js';
import { TokenEndpoint } from './token.endpoint.js';

@Controller()
export class TokenController {
  constructor(private readonly endpoint: TokenEndpoint) {}

  /** RFC 6749 §3.2: POST, a form; §5.1: never stored by anybody on the way. */
  @Post('token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  token(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<TokenAnswer> {
    return this.endpoint.answer({
      authorization: request.headers.authorization,
      form: formOf(request),
      address: clientAddress(request),
      // From the arrival of its headers: a body that dribbles in is part of the request's age.
      deadline: new Deadline(performance.now() - reply.elapsedTime),
    });
  }
}
