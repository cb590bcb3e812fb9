import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '#libs/testing';
import { Balancer } from '../../scripts/cluster/balancer.js';
import { Health } from '../../scripts/cluster/health.js';
import { Upstream } from '../../scripts/cluster/upstream.js';

class Instance {
  ready = true;
  breaks = false;
  asked: string[] = [];
  private constructor(
    readonly name: string,
    readonly server: Server,
  ) {}

  static async start(name: string): Promise<Instance> {
    const server = createServer();
    const instance = new Instance(name, server);
    server.on('request', (request, response) => {
      if (request.url === '/health/ready') return response.writeHead(instance.ready ? 200 : 503).end();
      instance.asked.push(`${request.method} ${request.url}`);
      if (instance.breaks) return request.socket.destroy();
      response.end(`${name} ${request.headers['x-forwarded-for'] ?? '-'}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return instance;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('the balancer', () => {
  let instances: Instance[];
  let healths: Health[];
  let upstreams: Upstream[];
  let front: Balancer;
  let url: string;
  beforeEach(async () => {
    instances = [await Instance.start('a'), await Instance.start('b')];
    healths = instances.map(({ port }) => new Health({ host: '127.0.0.1', port }));
    for (const health of healths) health.watch();
    upstreams = instances.map(({ name, port }, n) => new Upstream({ name, host: '127.0.0.1', port }, healths[n] as Health));
    await until(() => upstreams.every(({ ready }) => ready));
    front = await Balancer.start({ host: '127.0.0.1', port: 0, pool: () => upstreams, forwardsFrom: '127.0.0.1' });
    url = `http://127.0.0.1:${front.port}`;
  });
  afterEach(async () => {
    for (const watched of [...healths, ...upstreams]) watched.close();
    await front.close();
    await Promise.all(instances.map((instance) => instance.stop()));
  });
  const ask = async (method = 'GET') => {
    const answer = await fetch(`${url}/x`, { method, headers: { 'x-forwarded-for': '203.0.113.9' } });
    return { status: answer.status, text: await answer.text() };
  };

  it('takes them in turn and says for whom it asks', async () => {
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ text }) => text[0]).sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(answers[0]?.text).toMatch(/^[ab] 203\.0\.113\.9, (::ffff:)?127\.0\.0\.1$/);
  });

  it('takes out who says it is unready, and back in', async () => {
    const [a] = instances as [Instance];
    a.ready = false;
    await until(() => !upstreams[0]?.ready);
    expect(new Set([await ask(), await ask(), await ask()].map(({ text }) => text[0]))).toEqual(new Set(['b']));
    a.ready = true;
    await until(() => upstreams[0]?.ready);
    expect([await ask(), await ask()].map(({ text }) => text[0]).sort()).toEqual(['a', 'b']);
  });

  it('goes to the next where nobody listens, also with a POST: nothing of it was sent', async () => {
    const [a] = instances as [Instance];
    await a.stop();
    for (const health of healths) health.ready = true;
    expect([await ask('POST'), await ask('POST')].map(({ text }) => text[0])).toEqual(['b', 'b']);
    instances.shift();
  });

  it('sends nothing twice: who broke after it was asked is a 502', async () => {
    for (const instance of instances) instance.breaks = true;
    expect((await ask('POST')).status).toBe(502);
    expect(instances.flatMap(({ asked }) => asked)).toEqual(['POST /x']);
  });

  it('asks the unready ones where none is ready, and says 503 where nobody listens', async () => {
    for (const instance of instances) instance.ready = false;
    await until(() => upstreams.every(({ ready }) => !ready));
    expect((await ask()).status).toBe(200);
    await Promise.all(instances.map((instance) => instance.stop()));
    // A kept connection whose end has not come in yet is a 502 first.
    await until(async () => (await ask()).status === 503, { what: 'nobody listens' });
    expect(await ask()).toEqual({ status: 503, text: '{"error":"temporarily_unavailable"}' });
    instances = [];
  });

  it('asks no unready one where it is told so, as a Service of Kubernetes', async () => {
    front.readyOnly = true;
    for (const instance of instances) instance.ready = false;
    await until(() => upstreams.every(({ ready }) => !ready));
    expect((await ask()).status).toBe(503);
    expect(instances.flatMap(({ asked }) => asked)).toEqual([]);
  });
});
