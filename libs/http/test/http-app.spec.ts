import { until } from '#libs/testing';
import { createHttpApp, type HttpApp, type HttpConfig, type InternalCallError, InternalClient, Readiness } from '../src/index.js';
import { broken, Caller, Doors, double, early, forToken, gate, hint, keys, lines, raw, slow, speak, start } from './doors.js';

describe('an HTTP application', () => {
  let session: HttpApp;
  let auth: HttpApp;
  let client: InternalClient;
  const readiness = new Readiness();

  beforeAll(async () => {
    session = await start('session', Doors, undefined, readiness);
    auth = await start('auth', Caller, session.internalUrl);
    client = auth.app.get(InternalClient);
  });
  afterAll(async () => {
    await auth?.close();
    await session?.close();
  });

  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    type: string | null = 'application/x-www-form-urlencoded',
    headers: Record<string, string> = {},
  ) =>
    fetch(session.publicUrl + path, { method: 'POST', body, headers: { ...(type === null ? {} : { 'content-type': type }), ...headers } });
  const errorOf = async (response: Response) => [response.status, ((await response.json()) as { error: string }).error];

  describe('between services', () => {
    it('answers a caller of its list, with defaults filled in and the caller named', async () => {
      expect(await client.call(double, { n: 4 })).toEqual({ n: 8, caller: 'auth' });
      expect(await client.call(double, {})).toEqual({ n: 14, caller: 'auth' });
    });

    it('refuses a caller that is not in the list', async () => {
      await expect(client.call(forToken, {})).rejects.toMatchObject({ kind: 'refused', status: 403, code: 'forbidden' });
    });

    it('refuses an address that does not exist', async () => {
      await expect(client.call({ ...double, path: '/internal/unknown' }, { n: 1 })).rejects.toMatchObject({ kind: 'refused', status: 404 });
    });

    it('never sends a request that breaks the contract', async () => {
      await expect(client.call(double, { n: 'x' } as never)).rejects.toMatchObject({ kind: 'invalid', status: null });
    });

    it('turns an answer that breaks the contract into a 500 at the callee', async () => {
      await expect(client.call(broken, {})).rejects.toMatchObject({ kind: 'unavailable', status: 500 });
    });

    it('gives up when the budget is spent', async () => {
      await expect(client.call(slow, {})).rejects.toMatchObject({ kind: 'unavailable', status: null } satisfies Partial<InternalCallError>);
      gate.release();
    });

    it('calls a holder of a view by its address, with a token for anyone', async () => {
      await expect(client.call(hint, {}, { baseUrl: session.internalUrl })).resolves.toEqual({});
    });

    it('is unavailable, not refused, while the callee is not ready; what others need to become ready answers', async () => {
      readiness.set('view', false, 'bootstrapping');
      await expect(client.call(double, { n: 1 })).rejects.toMatchObject({ kind: 'unavailable', status: 503, code: 'not_ready' });
      await expect(client.call(early, {})).resolves.toEqual({});
      const health = await fetch(`${session.publicUrl}/health/ready`);
      expect([health.status, await health.json()]).toEqual([
        503,
        { status: 'not ready', reasons: [{ name: 'view', ok: false, reason: 'bootstrapping' }] },
      ]);
      expect((await fetch(`${session.publicUrl}/health/live`)).status).toBe(200);
      readiness.set('view', true);
      expect((await fetch(`${session.internalUrl}/health/ready`)).status).toBe(200);
    });

    it('goes again while the callee is not ready: one back from a pause is asked once it is', async () => {
      readiness.set('view', false, 'no proof within the bound');
      lines.length = 0;
      const answer = client.call({ ...double, idempotent: false }, { n: 4 });
      await until(() => lines.some((line) => line.includes('not_ready')), { what: 'a first try was refused' });
      readiness.set('view', true);
      expect(await answer).toEqual({ n: 8, caller: 'auth' });
    });

    it('does not go again for longer than half its budget', async () => {
      readiness.set('view', false, 'bootstrapping');
      const began = performance.now();
      await expect(client.call(double, { n: 4 }, { timeoutMs: 400 })).rejects.toMatchObject({ code: 'not_ready' });
      expect(performance.now() - began).toBeLessThan(400);
      readiness.set('view', true);
    });

    it('retries an idempotent call once on a reset connection, and nothing else', async () => {
      const { createServer } = await import('node:net');
      let connections = 0;
      const resetting = createServer((socket) => {
        connections++;
        socket.once('data', () => socket.resetAndDestroy());
      });
      await new Promise<void>((resolve) => resetting.listen(0, '127.0.0.1', resolve));
      const baseUrl = `http://127.0.0.1:${(resetting.address() as { port: number }).port}`;
      await expect(client.call(double, { n: 1 }, { baseUrl })).rejects.toMatchObject({ kind: 'unavailable' });
      expect(connections).toBe(2);
      await expect(client.call(slow, {}, { baseUrl })).rejects.toMatchObject({ kind: 'unavailable' });
      expect(connections).toBe(3);
      await new Promise((resolve) => resetting.close(resolve));
    });
  });

  describe('the two listeners', () => {
    it.each(['/internal/double', '/%69nternal/double', '/internal/early'])('%s does not exist on the public one', async (path) => {
      const response = await post(path, '{}', 'application/json');
      expect(response.status).toBe(404);
    });

    it('nothing public but health exists on the internal one', async () => {
      expect((await fetch(`${session.internalUrl}/query`)).status).toBe(404);
      expect((await fetch(`${session.internalUrl}/health/live`)).status).toBe(200);
    });

    it('an internal route without a service token, or with a foreign one, is 401', async () => {
      const call = (authorization?: string) =>
        fetch(`${session.internalUrl}/internal/double`, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
        });
      expect((await call()).status).toBe(401);
      expect((await call('Bearer abc')).status).toBe(401);
      expect((await call('Basic abc')).status).toBe(401);
    });
  });

  describe('bad input', () => {
    it('a form is read once, strictly', async () => {
      expect(await (await post('/form', 'a=1&b=%C3%A4')).json()).toEqual({
        entries: [
          ['a', '1'],
          ['b', 'ä'],
        ],
      });
    });

    it.each<[string, string | Uint8Array<ArrayBuffer>, string | null]>([
      ['a duplicate', 'a=1&a=2', 'application/x-www-form-urlencoded'],
      ['bad percent-encoding', 'a=%zz', 'application/x-www-form-urlencoded'],
      ['NUL', 'a=%00', 'application/x-www-form-urlencoded'],
      ['bytes that are no UTF-8', new Uint8Array([97, 61, 255]), 'application/x-www-form-urlencoded'],
      ['JSON where a form belongs', '{"a":1}', 'application/json'],
      ['malformed JSON', '{', 'application/json'],
      ['multipart', '--x--', 'multipart/form-data; boundary=x'],
      ['an unknown type', 'a=1', 'text/plain'],
      ['a type that is none', 'a=1', ';;;'],
      ['no type', new Uint8Array([97]), null],
    ])('%s in a body is invalid_request', async (_name, body, type) => {
      expect(await errorOf(await post('/form', body, type))).toEqual([400, 'invalid_request']);
    });

    it('no body at all is invalid_request', async () => {
      expect(await errorOf(await fetch(`${session.publicUrl}/form`, { method: 'POST' }))).toEqual([400, 'invalid_request']);
    });

    it('a body beyond 64 KiB is 413', async () => {
      expect(await errorOf(await post('/form', `a=${'x'.repeat(70_000)}`))).toEqual([413, 'invalid_request']);
    });

    it('a compressed body is refused, not guessed at', async () => {
      expect(await errorOf(await post('/form', 'a=1', undefined, { 'content-encoding': 'gzip' }))).toEqual([400, 'invalid_request']);
    });

    it.each(['/query?a=1&a=2', '/query?a=%', '/query?a=%00', '/query?%ff'])('%s is invalid_request', async (path) => {
      expect(await errorOf(await raw(session.publicUrl, path))).toEqual([400, 'invalid_request']);
    });

    it.each(['/%', '/%zz/x', '/%ff', '//', '/..%2f..%2fetc/passwd', '/__proto__'])('the path %s is 400 or 404', async (path) => {
      expect([400, 404]).toContain((await raw(session.publicUrl, path)).status);
    });

    it('a path that cannot be routed is answered with the headers of every answer', async () => {
      const { headers } = await raw(session.publicUrl, '/%ff');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-request-id')).toEqual(expect.any(String));
    });

    it('two Authorization headers are invalid_request: which of them is meant?', async () => {
      const twice = 'POST /form HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nauthorization: Basic YTpj\r\n';
      const answer = await speak(
        session.publicUrl,
        `${twice}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=1`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain('"error":"invalid_request"');
    });

    it('headers beyond 16 KiB are 431', async () => {
      expect(await speak(session.publicUrl, `GET /query HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
        /^HTTP\/1.1 431 /,
      );
    });

    it.each([
      'GARBAGE\r\n\r\n',
      'GET /query HTTP/1.1\r\nBad Header\r\n\r\n',
      'POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n',
    ])('what is not HTTP is 400: %j', async (bytes) => {
      expect(await speak(session.publicUrl, bytes)).toMatch(/^HTTP\/1.1 400 /);
      expect(await speak(session.internalUrl, bytes)).toMatch(/^HTTP\/1.1 400 /);
    });

    it('a raw non-ASCII query is refused', async () => {
      expect(
        await speak(session.publicUrl, Buffer.from('GET /query?a=\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'latin1')),
      ).toMatch(/^HTTP\/1.1 400 /);
    });

    it('a known address asked with another method is 405 with Allow', async () => {
      const response = await fetch(`${session.publicUrl}/form`);
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  describe('errors', () => {
    it('a defect says nothing of itself, and is in the log with its stack', async () => {
      lines.length = 0;
      const response = await fetch(`${session.publicUrl}/fails`);
      expect([response.status, await response.json()]).toEqual([
        500,
        { error: 'server_error', error_description: 'Something went wrong on our side.' },
      ]);
      expect(lines.some((line) => line.includes('request failed') && line.includes('stack'))).toBe(true);
    });

    it('invalid_client carries the challenge and no private detail', async () => {
      const response = await post('/client', 'a=1');
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="http:\/\/localhost:4000"/);
      expect(await response.text()).not.toContain('private');
    });

    it('every answer is uncacheable and unsniffable and carries a request id', async () => {
      const { headers } = await fetch(`${session.publicUrl}/query`);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('no query or field of a request is in the log', () => {
      expect(lines.join('')).not.toContain('hunter3');
    });
  });

  describe('CORS', () => {
    const preflight = (origin: string, path = '/form') =>
      fetch(session.publicUrl + path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

    it('lets an allowed origin in, exposing the challenge', async () => {
      const before = await preflight('https://spa.example');
      expect([before.status, before.headers.get('access-control-allow-origin')]).toEqual([204, 'https://spa.example']);
      const answer = await post('/form', 'a=1', undefined, { origin: 'https://spa.example' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://spa.example');
      expect(answer.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce');
      expect(answer.headers.get('vary')).toBe('Origin');
    });

    it('says nothing to others, and errors are readable for those allowed', async () => {
      expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
      expect((await preflight('null')).headers.get('access-control-allow-origin')).toBeNull();
      expect((await preflight('https://spa.example', '/query')).headers.get('access-control-allow-origin')).toBeNull();
      const refused = await post('/form', 'a=1&a=2', undefined, { origin: 'https://spa.example' });
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, 'https://spa.example']);
    });
  });

  it('closing lets a request under way finish and takes no new one', async () => {
    const http = await start('session', Doors);
    const url = http.publicUrl;
    const reached = new Promise<void>((resolve) => {
      gate.reached = resolve;
    });
    const held = fetch(`${url}/held`);
    await reached;
    const closing = http.close();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    gate.release();
    const response = await held;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await closing;
  });

  it('a taken port is said in one sentence', async () => {
    const { port } = new URL(session.publicUrl);
    const http = await createHttpApp(class Root {}, {
      config: {
        issuer: 'http://localhost:4000',
        host: '127.0.0.1',
        ports: { public: Number(port), internal: 0 },
        trustedProxies: [],
        logLevel: 'silent',
        internalUrls: {},
        serviceKey: { privateJwk: keys.privateJwk('auth') },
        serviceKeys: keys.jwks,
      } as unknown as HttpConfig,
      service: 'auth',
    });
    await expect(http.listen()).rejects.toThrow(`port ${port} on 127.0.0.1 is taken by another program`);
  });
});
