import type { Socket } from 'node:net';

/** A load balancer's idle timeout is usually 60 s; ours must be longer, or it sends into closed connections. */
export const SERVER_OPTIONS = { maxHeaderSize: 16 * 1024, keepAliveTimeout: 72_000, headersTimeout: 20_000, requestTimeout: 30_000 };

const ANSWERS: Readonly<Record<string, readonly [status: string, description: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long'],
};

/** What Node's HTTP parser refuses never becomes a request; the answer is written by hand. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, description] = ANSWERS[error.code ?? ''] ?? ['400 Bad Request', 'the request is malformed'];
  const body = JSON.stringify({ error: 'invalid_request', error_description: description });
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json; charset=utf-8',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
