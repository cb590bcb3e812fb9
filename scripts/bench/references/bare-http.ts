/** A bare `node:http` server: reads the form as our services do and answers always the same. What Node itself costs. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Parameters } from '#libs/http';
import { answering, listensAt } from './answering.js';

const { status, headers, body } = answering();
const head = { ...headers, 'content-length': String(Buffer.byteLength(body)) };

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    Parameters.parse(Buffer.concat(parts).toString('utf8')).get('token');
    response.writeHead(status, head);
    response.end(status === 204 ? undefined : body);
  });
});
server.listen(0, '127.0.0.1', () => listensAt((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
