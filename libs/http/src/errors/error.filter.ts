import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log.js';
import { type ErrorWriter, writeError } from './write-error.js';

/** Errors that left a controller. Outside of HTTP (an event handler) the transport decides, so it is thrown on. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly using: { log: Log; realm: string; own?: ErrorWriter }) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const http = host.switchToHttp();
    writeError(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.using);
  }
}
