import fastify from 'fastify';
import { bufferOf, jsonBytes, Log } from '#libs/http';
import { accessTokenAnswer } from '../src/introspection/access-token-answer.js';
import { judgeAccessToken } from '../src/introspection/judge-access-token.js';
import { PendingVerdicts } from '../src/introspection/pending-verdicts.js';
import { INACTIVE_VERDICT } from '../src/introspection/verdict.js';
import { claims, START_MS, viewWorld } from './view-world.js';

/** A route that reaches its verdict, lets `between` happen, and answers: the place where a process may be stopped. */
function served(world: ReturnType<typeof viewWorld>, between: () => void) {
  const app = fastify();
  const pending = new PendingVerdicts(Log.open({ level: 'silent', service: 'spec' }));
  app.post('/introspect', { onSend: pending.judgeAgain }, async (request): Promise<Buffer> => {
    const token = claims();
    const judge = () => judgeAccessToken(token, world.view);
    const answer = accessTokenAnswer(token);
    const verdict = judge() === 'active' ? { answer, json: jsonBytes(answer), judge } : INACTIVE_VERDICT;
    pending.remember(request, verdict);
    between();
    return bufferOf(verdict.json);
  });
  return app.inject({ method: 'POST', url: '/introspect' });
}

describe('a verdict that has not been sent', () => {
  it('is sent when nothing happened in between', async () => {
    const response = await served(viewWorld(), () => undefined);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ active: true, sid: 's' });
  });

  it('becomes 503 when the process was paused for longer than the bound', async () => {
    const world = viewWorld();
    const response = await served(world, () => world.pass(2_000));
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.json()).toMatchObject({ error: 'temporarily_unavailable' });
  });

  it('becomes 503 when the machine slept: only its wall clock went on', async () => {
    const world = viewWorld();
    const response = await served(world, () => {
      world.clock.w += 60_000;
    });
    expect(response.statusCode).toBe(503);
  });

  it('becomes inactive when the end arrived in between, though the view is fresh', async () => {
    const world = viewWorld();
    const response = await served(world, () => {
      world.pass(5_000);
      world.view.apply([{ kind: 'session', id: 's', at: START_MS }]);
      world.proveAll();
    });
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('{"active":false}');
    expect(response.headers['content-length']).toBe('16');
  });
});
