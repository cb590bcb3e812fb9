import type { HttpApp } from '#libs/http';
import type { AccessTokenClaims } from '#libs/protocol';
import type { AccessTokenReading } from '#libs/sealing';
import { claims, desk, ISSUER, openDesk } from './desk.js';

describe('an admin API', () => {
  let http: HttpApp;
  beforeAll(async () => {
    http = await openDesk();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    desk.tokens = new Map<string, Exclude<AccessTokenReading, null>>([['good', claims()]]);
    Object.assign(desk, { now: 1_000_000, freshness: { fresh: true }, revoked: () => false, meanwhile: () => undefined, done: [] });
  });

  const ask = async (path: string, init: RequestInit & { authorization?: string | null } = {}) => {
    const { authorization = 'Bearer good', ...rest } = init;
    const headers = { ...(authorization === null ? {} : { authorization }), ...rest.headers };
    const response = await fetch(http.publicUrl + path, { ...rest, headers });
    const body = (await response.json().catch(() => null)) as Record<string, unknown>;
    return {
      status: response.status,
      body,
      challenge: response.headers.get('www-authenticate'),
      retry: response.headers.get('retry-after'),
    };
  };
  const with_ = (over: Partial<AccessTokenClaims>) => desk.tokens.set('good', claims(over));
  const change = (body: unknown, n = '1', type = 'application/json') =>
    ask(`/admin/things/${n}/change`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': type },
    });

  describe('lets in a service’s token for <issuer>/admin with the scope, and', () => {
    it('asks for a token where none is shown, or one of another scheme', async () => {
      for (const authorization of [null, 'Basic b3BzOnNlY3JldA==', 'DPoP good']) {
        const answer = await ask('/admin/things', { authorization });
        expect(answer).toMatchObject({ status: 401, challenge: `Bearer realm="${ISSUER}"` });
      }
    });

    it.each([
      ['an unknown token', 'Bearer unknown', {}],
      ['two tokens in the header', 'Bearer good good', {}],
      ['another audience', 'Bearer good', { aud: 'https://photos.example/api' }],
      ['the issuer itself as audience', 'Bearer good', { aud: ISSUER }],
      ['an expired token', 'Bearer good', { exp: 1_000 }],
      ['a person’s token, whatever its scope', 'Bearer good', { sub: 'jane' }],
      ['a token that hangs from a session', 'Bearer good', { sid: 'some-session' }],
      ['a token bound to a key', 'Bearer good', { cnf: { jkt: 'thumb' } }],
    ])('refuses %s', async (_what, authorization, over) => {
      with_(over as Partial<AccessTokenClaims>);
      const answer = await ask('/admin/things', { authorization });
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      expect(answer.challenge).toContain('error="invalid_token"');
    });

    it('names the scope that is missing', async () => {
      with_({ scope: 'lanyard:sessions:reader lanyard:users:read' });
      const answer = await ask('/admin/things');
      expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
      expect(answer.challenge).toContain('scope="lanyard:sessions:read"');
    });

    it('refuses what the view has revoked, fresh or not', async () => {
      desk.revoked = ({ client_id, gen }) => client_id === 'ops' && gen[1] < 2;
      expect(await ask('/admin/things')).toMatchObject({ status: 401 });
      desk.freshness = { fresh: false, source: 'auth', ageMs: 3_000, reason: 'no proof' };
      expect(await ask('/admin/things')).toMatchObject({ status: 401 });
    });

    it('drops a key that was revoked, for good', () => {
      for (const listener of desk.keyListeners) listener('key-1');
      expect(desk.dropped).toEqual(['key-1']);
    });

    it('says 503 with Retry-After when nothing proves that it still may: view, clock or keys', async () => {
      desk.freshness = { fresh: false, source: 'token', ageMs: 3_000, reason: 'no proof' };
      expect(await ask('/admin/things')).toMatchObject({ status: 503, retry: '1', body: { error: 'temporarily_unavailable' } });
      expect(await change({ colour: 'red' })).toMatchObject({ status: 503 });
      Object.assign(desk, { freshness: { fresh: true }, now: null });
      expect(await ask('/admin/things')).toMatchObject({ status: 503 });
      desk.now = 1_000_000;
      desk.tokens.set('good', 'unavailable');
      expect(await ask('/admin/things')).toMatchObject({ status: 503 });
      expect(desk.done).toEqual([]);
    });

    it('shows nothing it read when the token ended meanwhile; a change that was made is answered', async () => {
      desk.meanwhile = () => {
        desk.revoked = () => true;
      };
      expect(await ask('/admin/things')).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
      desk.revoked = () => false;
      expect(await change({ colour: 'red' })).toMatchObject({ status: 200 });
    });
  });

  describe('reads its input by the route’s schemas, and', () => {
    it('hands it over with the caller', async () => {
      expect(await change({ colour: 'blue' }, '7')).toMatchObject({ status: 200, body: { by: 'client:ops', n: '7', colour: 'blue' } });
    });

    it.each([
      ['/admin/things?colour=red', 'query'],
      ['/admin/things?limit=0', 'query.limit'],
      ['/admin/things?limit=201', 'query.limit'],
      ['/admin/things?limit=1e1', 'query.limit'],
      ['/admin/things?even=yes', 'query.even'],
      ['/admin/things?kind=a&kind=toolong', 'query.kind.1'],
      ['/admin/things?unknown', 'query'],
      ['/admin/leak?x=1', 'query'],
    ])('refuses %s and says where', async (path, place) => {
      const { status, body } = await ask(path);
      expect([status, body.error]).toEqual([400, 'invalid_request']);
      expect(String(body.error_description)).toMatch(new RegExp(`^${place.replaceAll('.', '\\.')}:`));
    });

    it.each([
      [{ colour: 'green' }, 'body.colour'],
      [{ colour: 'red', size: 1 }, 'body'],
      [[], 'body'],
      ['null', 'body.colour'],
    ])('refuses the body %j and says where', async (body, place) => {
      const answer = await change(body);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
      expect(String(answer.body.error_description)).toContain(`${place}: `);
      expect(desk.done).toEqual([]);
    });

    it('takes JSON only, in JSON’s own form', async () => {
      const sendJson = { status: 415, body: { error: 'invalid_request', error_description: 'The content type must be application/json.' } };
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/xml', 'multipart/form-data; boundary=x']) {
        expect(await change('colour=red', '1', type)).toMatchObject(sendJson);
      }
      for (const size of [65 * 1024, 1024 * 1024, 1100 * 1024]) {
        expect(await change({ colour: 'x'.repeat(size) })).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
      }
      expect(await change('{"colour":', '1')).toMatchObject({ status: 400 });
      expect(await change({ colour: 'red' }, 'seven')).toMatchObject({ status: 400 });
      expect(await ask('/admin/things?limit=1&limit=2')).toMatchObject({ status: 400 });
    });

    it('says 404 for what is not there, 405 for another method, and nothing on the internal listener', async () => {
      expect(await change({ colour: 'red' }, '404')).toMatchObject({ status: 404, body: { error_description: 'There is no such thing.' } });
      expect(await ask('/admin/things', { method: 'POST' })).toMatchObject({ status: 405 });
      expect((await fetch(`${http.internalUrl}/admin/things`, { headers: { authorization: 'Bearer good' } })).status).toBe(404);
    });

    it('answers nothing that it did not declare', async () => {
      const answer = await ask('/admin/leak');
      expect(answer.status).toBe(500);
      expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    });
  });

  describe('pages by cursor, and', () => {
    it('comes to the end with every item once', async () => {
      const seen: number[] = [];
      let path: string | null = '/admin/things?limit=3';
      while (path) {
        const { body } = (await ask(path)) as unknown as { body: { items: { n: number }[]; next: string | null } };
        seen.push(...body.items.map(({ n }) => n));
        path = body.next ? `/admin/things?limit=3&cursor=${body.next}` : null;
      }
      expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    });

    const made = (...members: unknown[]) => Buffer.from(JSON.stringify(members)).toString('base64url');
    it('goes on from the key of its own list', async () => {
      expect(await ask(`/admin/things?cursor=${made('things', 6)}`)).toMatchObject({ status: 200, body: { items: [{ n: 7 }] } });
    });

    it.each([
      ...['x', 'W10', 'WyJhIl0', 'WzFd', 'WzFd=', 'WzFd%20', 'bnVsbA', 'eyJhIjoxfQ', 'WzEsMl0'],
      ...[made('things'), made('others', 1), made('things', 'a'), made('things', 1, 2), `${made('things', 1)}=`, made(['things'], 1)],
    ])('refuses the cursor %s', async (cursor) => {
      expect(await ask(`/admin/things?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { error_description: 'query.cursor: not a cursor of this list' },
      });
    });
  });

  it('serves its OpenAPI 3.1 document to everybody', async () => {
    const { status, body } = await ask('/admin/session/openapi.json', { authorization: null });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/admin/things': { get: { operationId: 'Things.list', security: [{ admin: ['lanyard:sessions:read'] }] } },
        '/admin/things/{n}/change': { post: { requestBody: { required: true } } },
      },
      components: {
        responses: { 415: { description: 'The content type must be application/json.' }, 405: expect.anything() as object },
      },
    });
    const { parameters } =
      (body as { paths: Record<string, { get: { parameters: Record<string, unknown>[] } }> }).paths['/admin/things']?.get ?? {};
    expect(parameters).toContainEqual(expect.objectContaining({ name: 'limit', in: 'query', required: false }));
  });
});
