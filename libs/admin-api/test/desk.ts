import { Controller, Module } from '@nestjs/common';
import { z } from 'zod';
import { createHttpApp, type HttpApp, type HttpConfig, Log } from '#libs/http';
import type { AccessTokenClaims } from '#libs/protocol';
import type { Freshness, TokenHandles } from '#libs/revocation';
import { ViewService } from '#libs/revocation-host';
import type { AccessTokenReading, OpenedAccessToken } from '#libs/sealing';
import {
  type AdminAct,
  AdminApiModule,
  AdminCaller,
  AdminInput,
  type AdminInputOf,
  AdminRoute,
  adminNotFound,
  adminRoute,
  type CallingClient,
  cursorOf,
  pageOf,
  pageQuery,
  pageResponse,
} from '../src/index.js';

/** A desk with a drawer of numbered things, behind the real boundary; the view and the tokens are what a test says they are. */
export const desk = {
  tokens: new Map<string, Exclude<AccessTokenReading, null>>(),
  now: 1_000_000 as number | null,
  freshness: { fresh: true } as Freshness,
  revoked: (_token: TokenHandles) => false,
  /** Run inside a handler, before it answers. */
  meanwhile: (): void => {},
  done: [] as unknown[],
  /** What a handler writes itself: ids of rows that are there to stay, and others that came to nothing. */
  kept: new Set<number>(),
  audited: [] as AdminAct[],
  auditFails: false,
  keyListeners: [] as ((kid: string) => void)[],
  dropped: [] as string[],
};

const listThings = adminRoute({
  method: 'GET',
  path: '/admin/things',
  scope: 'lanyard:sessions:read',
  summary: 'Things, the lowest first.',
  query: z.strictObject({ ...pageQuery, even: z.boolean().optional(), kind: z.array(z.string().max(5)).optional() }),
  response: pageResponse(z.strictObject({ n: z.int() })),
});
const changeThing = adminRoute({
  method: 'POST',
  path: '/admin/things/{n}/change',
  scope: 'lanyard:sessions:write',
  summary: 'Changes one thing.',
  params: z.strictObject({ n: z.string().regex(/^\d+$/) }),
  body: z.strictObject({ colour: z.enum(['red', 'blue']) }),
  response: z.strictObject({ by: z.string(), n: z.string(), colour: z.string() }),
});
const leak = adminRoute({
  method: 'GET',
  path: '/admin/leak',
  scope: 'lanyard:sessions:read',
  summary: 'Answers what it did not declare.',
  response: z.strictObject({ ok: z.boolean() }),
});
const cursor = cursorOf('things', z.tuple([z.int()]));

@Controller()
export class ThingsController {
  @AdminRoute(listThings)
  list(@AdminInput() { query }: AdminInputOf<typeof listThings>) {
    desk.meanwhile();
    const after = cursor.decode(query.cursor)?.[0] ?? 0;
    const numbers = Array.from({ length: 7 }, (_, index) => index + 1).filter((n) => n > after && (!query.even || n % 2 === 0));
    return pageOf(numbers, query.limit, { item: (n) => ({ n }), cursor: (n) => cursor.encode([n]) });
  }

  @AdminRoute(changeThing)
  change(@AdminInput() { params, body }: AdminInputOf<typeof changeThing>, @AdminCaller() caller: CallingClient) {
    if (params.n === '404') throw adminNotFound('thing');
    desk.meanwhile();
    desk.done.push(params.n);
    return { by: caller.actor, n: params.n, colour: body.colour };
  }

  @AdminRoute(leak)
  leak() {
    return { ok: true, password: 'hunter2' };
  }
}

@Module({ providers: [ViewService], exports: [ViewService] })
class View {}

export const ISSUER = 'http://localhost:4000';

export async function openDesk(): Promise<HttpApp> {
  const view = {
    ownerNow: () => desk.now,
    isRevoked: (token: TokenHandles) => desk.revoked(token),
    freshness: () => desk.freshness,
  };
  const onKeyRevoked = (listener: (kid: string) => void) => desk.keyListeners.push(listener);
  const provided = { provide: ViewService, useValue: { view, onKeyRevoked } };
  const api = AdminApiModule.forRoot({
    service: 'session',
    controllers: [ThingsController],
    audit: {
      record: async (act, rows) => {
        if (desk.auditFails) throw new Error('the audit can not be written');
        if (!rows.some((row) => desk.kept.has(row))) desk.audited.push(act);
      },
    },
    publicUrls: { auth: ISSUER, token: ISSUER, session: ISSUER, introspect: ISSUER },
    reader: {
      useFactory: () => ({
        read: (token: string) => desk.tokens.get(token) ?? null,
        dropKey: (kid: string) => void desk.dropped.push(kid),
      }),
    },
  });
  const root = {
    module: class Root {},
    imports: [{ module: View, global: true, providers: [provided] }, api],
    controllers: [ThingsController],
  };
  const config = {
    issuer: ISSUER,
    host: '127.0.0.1',
    ports: { public: 0, internal: 0 },
    trustedProxies: [],
    logLevel: 'silent',
    internalUrls: { auth: ISSUER, token: ISSUER, session: ISSUER, introspect: ISSUER },
    serviceKey: { privateJwk: SERVICE_KEY },
    serviceKeys: { keys: [] },
  } as unknown as HttpConfig;
  const http = await createHttpApp(root, { config, service: 'session', logger: Log.open({ level: 'silent', service: 'session' }) });
  await http.listen();
  return http;
}

const SERVICE_KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};

export function claims(over: Partial<AccessTokenClaims> = {}): OpenedAccessToken {
  return {
    iss: ISSUER,
    sub: 'ops',
    client_id: 'ops',
    aud: `${ISSUER}/admin`,
    scope: 'lanyard:sessions:read lanyard:sessions:write',
    iat: 900,
    exp: 1_300,
    jti: 'token-1',
    gen: [0, 1],
    kid: 'key-1',
    ...over,
  };
}
