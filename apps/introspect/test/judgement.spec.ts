import { RevocationView } from '#libs/revocation';
import { accessTokenAnswer } from '../src/introspection/access-token-answer.js';
import { judgeAccessToken } from '../src/introspection/judge-access-token.js';
import { type Caller, mayIntrospect } from '../src/introspection/may-introspect.js';
import { claims, START_MS, viewWorld } from './view-world.js';

const caller = (over: Partial<Caller> = {}): Caller => ({ clientId: 'photos-api', isPublic: false, resourceServerFor: [], ...over });

describe('who may see an access token', () => {
  const token = { client_id: 'photo-shop', aud: ['https://photos.example/api', 'https://prints.example/api'] };

  it.each([
    ['a resource server one of the audiences names', caller({ resourceServerFor: ['https://prints.example/api'] }), true],
    ['a gateway registered for everything', caller({ resourceServerFor: ['*'] }), true],
    ['the client it was issued to', caller({ clientId: 'photo-shop' }), true],
    ['the client it was issued to, though public', caller({ clientId: 'photo-shop', isPublic: true }), true],
    ['a resource server of another API', caller({ resourceServerFor: ['https://mail.example/api'] }), false],
    ['a resource server of an API whose name only begins alike', caller({ resourceServerFor: ['https://photos.example'] }), false],
    ['a client that is no resource server', caller(), false],
    ['a public client registered for everything: anyone can say its name', caller({ isPublic: true, resourceServerFor: ['*'] }), false],
  ])('%s', (_who, who, may) => {
    expect(mayIntrospect(who, token)).toBe(may);
    expect(mayIntrospect(who, { ...token, aud: 'https://prints.example/api' })).toBe(may);
  });
});

describe('the judgement of an opened access token', () => {
  it('is active while it is fresh, unexpired and unrevoked', () => {
    const { view } = viewWorld();
    expect(judgeAccessToken(claims(), view)).toBe('active');
  });

  it.each([
    ['its session ended', { kind: 'session', id: 's', at: START_MS }],
    ['its grant was revoked', { kind: 'grant', id: 'g', at: START_MS }],
    ['it was revoked itself', { kind: 'token', id: 'j', at: START_MS }],
    ['its subject was disabled', { kind: 'subject', id: 'u', gen: 2, at: START_MS }],
    ['its client was disabled', { kind: 'client', id: 'photo-shop', gen: 2, at: START_MS }],
  ] as const)('is inactive when %s, fresh or not', (_why, entry) => {
    const { view, pass } = viewWorld();
    view.apply([entry]);
    expect(judgeAccessToken(claims(), view)).toBe('inactive');
    pass(10_000);
    expect(judgeAccessToken(claims(), view)).toBe('inactive');
  });

  it('ends at exp by the owner’s clock, not by the local one', () => {
    const { view, clock, pass } = viewWorld();
    clock.w += 3_600_000;
    const token = claims({ exp: START_MS / 1_000 + 1 });
    expect(judgeAccessToken(token, view)).toBe('unknown');
    clock.w -= 3_600_000;
    pass(999);
    expect(judgeAccessToken(token, view)).toBe('active');
    pass(1);
    expect(judgeAccessToken(token, view)).toBe('inactive');
  });

  it('begins at nbf by the owner’s clock', () => {
    const { view, pass } = viewWorld();
    const token = claims({ nbf: START_MS / 1_000 + 1 });
    expect(judgeAccessToken(token, view)).toBe('inactive');
    pass(999);
    expect(judgeAccessToken(token, view)).toBe('inactive');
    pass(1);
    expect(judgeAccessToken(token, view)).toBe('active');
  });

  it('is unknown once no proof lies within the bound, and again active after the next', () => {
    const { view, pass, proveAll } = viewWorld();
    pass(1_901);
    expect(judgeAccessToken(claims(), view)).toBe('unknown');
    proveAll();
    expect(judgeAccessToken(claims(), view)).toBe('active');
  });

  it('is unknown before the owner’s clock was ever read', () => {
    const { clock } = viewWorld();
    const empty = new RevocationView({ sources: ['session'], horizonMs: 1, boundMs: 2_000, clock });
    expect(judgeAccessToken(claims(), empty)).toBe('unknown');
    expect(judgeAccessToken(claims({ nbf: START_MS / 1_000 }), empty)).toBe('unknown');
  });
});

describe('the answer', () => {
  it('carries what RFC 7662 names and the handles, and no generation', () => {
    const answer = JSON.parse(JSON.stringify(accessTokenAnswer(claims({ username: 'jane' })))) as Record<string, unknown>;
    expect(answer).toMatchObject({
      active: true,
      token_type: 'Bearer',
      client_id: 'photo-shop',
      sub: 'u',
      sid: 's',
      gid: 'g',
      jti: 'j',
      username: 'jane',
    });
    expect(answer).not.toHaveProperty('gen');
    expect(answer).not.toHaveProperty('acr');
  });
});
