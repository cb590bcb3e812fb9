import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readiness } from './readiness.js';

/** `live`: the process answers. `ready`: it may be sent traffic, and if not, why. On both listeners. */
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  ready(@Res() reply: FastifyReply): void {
    const { ready, reasons } = this.readiness;
    reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', reasons });
  }
}
