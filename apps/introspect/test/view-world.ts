import type { AccessTokenClaims } from '#libs/protocol';
import { RevocationView } from '#libs/revocation';

export const START_MS = 1_800_000_000_000;

/** A real view whose clock and proofs the spec moves. */
export function viewWorld() {
  const sources = ['session', 'token', 'auth'] as const;
  const clock = { m: 1_000, w: START_MS, monotonic: () => clock.m, wall: () => clock.w };
  const view = new RevocationView({ sources, horizonMs: 4_200_000, boundMs: 2_000, clock });
  const pass = (ms: number) => {
    clock.m += ms;
    clock.w += ms;
  };
  const proveAll = () => {
    const proof = { sentMonotonic: clock.m, sentWall: clock.w, dbTime: START_MS + clock.m - 1_000, unpassedSince: START_MS };
    for (const source of sources) view.applyProof(source, proof);
  };
  proveAll();
  return { clock, view, pass, proveAll };
}

export const claims = (over: Partial<AccessTokenClaims> = {}): AccessTokenClaims => ({
  iss: 'http://localhost:4000',
  sub: 'u',
  aud: 'https://photos.example/api',
  client_id: 'photo-shop',
  scope: 'photos:read',
  iat: START_MS / 1_000,
  exp: START_MS / 1_000 + 300,
  jti: 'j',
  sid: 's',
  gid: 'g',
  gen: [1, 1],
  ...over,
});
