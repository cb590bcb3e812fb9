import { request as rawRequest } from 'node:http';
import { connect } from 'node:net';
import { Controller, Get, Inject, Module, Post, type Type } from '@nestjs/common';
import { z } from 'zod';
import { internalEndpoint } from '#libs/contracts';
import { oauthError } from '#libs/protocol';
import {
  createHttpApp,
  Form,
  type HttpApp,
  type HttpConfig,
  Internal,
  InternalBody,
  InternalCaller,
  InternalClient,
  type InternalRequest,
  Log,
  Parameters,
  Query,
  Readiness,
} from '../src/index.js';
import { serviceKeys } from './service-keys.js';

export const keys = serviceKeys();
const number = z.strictObject({ n: z.int().default(7) });
export const double = internalEndpoint({
  callee: 'session',
  path: '/internal/double',
  callers: ['auth'],
  request: number,
  response: z.strictObject({ n: z.int(), caller: z.string() }),
  idempotent: true,
});
export const broken = internalEndpoint({
  callee: 'session',
  path: '/internal/broken',
  callers: ['auth'],
  request: z.strictObject({}),
  response: z.strictObject({ n: z.int() }),
});
export const slow = internalEndpoint({
  callee: 'session',
  path: '/internal/slow',
  callers: ['auth'],
  request: z.strictObject({}),
  response: z.strictObject({}),
  timeoutMs: 150,
});
export const early = internalEndpoint({
  callee: 'session',
  path: '/internal/early',
  callers: ['auth'],
  request: z.strictObject({}),
  response: z.strictObject({}),
  beforeReady: true,
});
export const forToken = internalEndpoint({
  callee: 'session',
  path: '/internal/for-token',
  callers: ['token'],
  request: z.strictObject({}),
  response: z.strictObject({}),
});
export const hint = internalEndpoint({
  callee: 'any',
  path: '/internal/hint',
  callers: ['auth'],
  request: z.strictObject({}),
  response: z.strictObject({}),
});

/** What the held handlers wait for. */
export const gate: { reached: () => void; release: () => void } = { reached: () => undefined, release: () => undefined };

@Controller()
export class Doors {
  @Internal(double)
  double(@InternalBody() body: InternalRequest<typeof double>, @InternalCaller() caller: string) {
    return { n: body.n * 2, caller };
  }
  @Internal(broken)
  broken() {
    return { n: 'not a number' };
  }
  @Internal(slow)
  slow() {
    return new Promise<object>((resolve) => {
      gate.release = () => resolve({});
    });
  }
  @Internal(early)
  early() {
    return {};
  }
  @Internal(forToken)
  forToken() {
    return {};
  }
  @Internal(hint)
  hint() {
    return undefined;
  }
  @Post('form')
  form(@Form() form: Parameters) {
    return { entries: [...form.entries()] };
  }
  @Get('query')
  query(@Query() query: Parameters) {
    return { entries: [...query.entries()] };
  }
  @Get('held')
  async held() {
    await new Promise<void>((resolve) => {
      gate.release = resolve;
      gate.reached();
    });
    return { held: true };
  }
  @Get('fails')
  fails() {
    throw new Error('password=hunter2 at /etc/secret');
  }
  @Post('client')
  client() {
    throw oauthError('invalid_client', { detail: 'private' });
  }
}

@Controller()
export class Caller {
  constructor(@Inject(InternalClient) readonly internal: InternalClient) {}
}

export const lines: string[] = [];
const log = Log.open({ level: 'debug', service: 'test' }, { write: (line: string) => void lines.push(line) });

export async function start(
  service: 'auth' | 'session',
  controller: Type,
  session = 'http://127.0.0.1:1',
  readiness = new Readiness(),
  more: Partial<HttpConfig> = {},
): Promise<HttpApp> {
  @Module({ controllers: [controller] })
  class Root {}
  const config: HttpConfig = {
    issuer: 'http://localhost:4000',
    host: '127.0.0.1',
    ports: { public: 0, internal: 0 },
    trustedProxies: [],
    logLevel: 'debug',
    internalUrls: { auth: session, token: session, session, introspect: session },
    serviceKey: { privateJwk: keys.privateJwk(service) },
    serviceKeys: keys.jwks,
    ...more,
  } as HttpConfig;
  const http = await createHttpApp(Root, { config, service, readiness, logger: log });
  http.cors({ paths: ['/form'], allowed: async (origin) => origin === 'https://spa.example' });
  await http.listen();
  return http;
}

/** fetch() normalises the path; this doesn't. */
export function raw(base: string, path: string): Promise<Response> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = rawRequest({ hostname, port, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const headers = response.headers as Record<string, string>;
        resolve(new Response(Buffer.concat(chunks).toString(), { status: response.statusCode ?? 0, headers }));
      });
    });
    request.on('error', reject);
    request.end();
  });
}

export function speak(base: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' && answer ? resolve(answer) : reject(error)));
  });
}
