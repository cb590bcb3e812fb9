import { setTimeout as delay } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { BearerError, createResourceServer, type ResourceServer } from '#libs/resource-server';
import type { Comparison, Contender } from '../contender.js';
import { type Called, callLoop } from '../load/call-loop.js';
import type { Bounds } from '../load/load.js';
import { JWT_API, OPAQUE_API, RESOURCE_SERVER, secretOf } from '../stage/bench-config.js';
import type { Mint } from '../stage/mint.js';
import type { Stage } from '../stage/stage.js';
import { KNOWN_TOKENS } from './introspection.js';
import { inRandomOrder } from './requests.js';

/** What checks the signature anew for each request, and hears of nothing: what an API does without the library. */
const YARDSTICK = 'jose, the signature each time';
const JWTS = 2_000;
const ATTEMPTS = 100;
const AGAIN_MS = 100;

export interface LibraryComparison {
  readonly comparison: Comparison;
  stop(): Promise<void>;
}

/** `verify()` in this process, of tokens that it knows, in random order, each header a new string as the HTTP parser makes it. The feed goes on meanwhile. */
export async function library(stage: Stage, mint: Mint, { seconds, requests }: Bounds): Promise<LibraryComparison> {
  const { issuer } = stage.cluster;
  const credentials = { clientId: RESOURCE_SERVER, clientSecret: secretOf(RESOURCE_SERVER) };
  const [photos, prints] = await Promise.all(
    [OPAQUE_API, JWT_API].map((audience) => createResourceServer({ issuer, audience, credentials })),
  );
  if (!photos || !prints) throw new Error('two resource servers were asked for');
  // A call takes microseconds: what bounds requests over a network would be over in a second.
  const bounds = { seconds, requests: 100 * requests };
  const called = (name: string, calls: Called<string>): Contender => ({
    // its CPU is more than the calls': the headers are made in between
    ...{ name, pid: null },
    called: () => callLoop(calls, bounds),
  });
  const jwts = await mint.jwt(JWTS);
  const keys = createRemoteJWKSet(new URL(`${stage.member('token').publicUrl}/jwks`));
  const jwt = inRandomOrder(
    jwts.map((token) => Buffer.from(token)),
    1,
  );
  const contenders = [
    called('verify(), opaque, known', await verifying(photos, mint.opaque(KNOWN_TOKENS), 'photos:read')),
    called('verify(), JWT, known', await verifying(prints, jwts, 'prints:order')),
    called(YARDSTICK, {
      given: (n) => jwt(n).toString('latin1'),
      call: (token) => jwtVerify(token, keys, { issuer, audience: JWT_API, typ: 'at+jwt' }),
    }),
  ];
  const title = `libs/resource-server in one process: ${KNOWN_TOKENS} opaque tokens, ${JWTS} JWTs`;
  const load = () => Promise.reject(new Error('no server is asked'));
  const stop = async () => {
    photos.stop();
    prints.stop();
  };
  return { comparison: { name: 'library', title, contenders, yardstick: YARDSTICK, load }, stop };
}

/** Each token was verified once, so that it is known. */
async function verifying(server: ResourceServer, tokens: readonly string[], scope: string): Promise<Called<string>> {
  const needs = { scopes: [scope] };
  for (const token of tokens) await knownTo(server, `Bearer ${token}`);
  const header = inRandomOrder(
    tokens.map((token) => Buffer.from(`Bearer ${token}`)),
    1,
  );
  return { given: (n) => header(n).toString('latin1'), call: (authorization) => server.verify(authorization, needs) };
}

/** A machine that is busy with something else may not get an answer in time. */
async function knownTo(server: ResourceServer, header: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await server.verify(header);
      return;
    } catch (error) {
      if (!(error instanceof BearerError) || error.status !== 503 || attempt === ATTEMPTS) throw error;
      await delay(AGAIN_MS);
    }
  }
}
