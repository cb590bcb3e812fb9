/** A bare Fastify server with one route and one parser: reads the form as our services do and answers always the same. Our yardstick. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { Parameters } from '#libs/http';
import { answering, listensAt } from './answering.js';

const { status, headers, body } = answering();

const app = fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
  done(null, Parameters.parse(text as string)),
);
app.all('/*', (request, reply) => {
  if (request.body instanceof Parameters) request.body.get('token');
  reply.code(status).headers(headers);
  return reply.send(status === 204 ? undefined : body);
});
await app.listen({ port: 0, host: '127.0.0.1' });
listensAt((app.server.address() as AddressInfo).port);
process.on('disconnect', () => process.exit(0));
