import type { Answer } from './load/connection.js';
import type { Answering } from './references/answering.js';

/** A whole request as bytes, made once and sent as it is. */
export function formRequest(path: string, headers: Readonly<Record<string, string>>, form: Readonly<Record<string, string>>): Buffer {
  const body = new URLSearchParams(form).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(Buffer.byteLength(body)) };
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines({ host: 'localhost', ...headers, ...type })}\r\n${body}`, 'latin1');
}

export function getRequest(path: string, headers: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines({ host: 'localhost', ...headers })}\r\n`, 'latin1');
}

/** RFC 6749 §2.3.1. */
export function basic(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

/** Written by Node itself for every server. */
const NODES_OWN = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

/** What a reference has to say so that the same bytes go over the wire. */
export function answeringOf({ status, head, body }: Answer): Answering {
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const)
    .filter(([name]) => !NODES_OWN.has(name));
  return { status, headers: Object.fromEntries(headers), body: body.toString('utf8') };
}

function lines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
