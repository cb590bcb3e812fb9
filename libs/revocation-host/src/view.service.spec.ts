import type { BroadcastHandlers, BroadcastReader } from '#libs/event-log';
import { OAuthError } from '#libs/protocol';
import { until } from '#libs/testing';
import { ViewService } from './view.service.js';

function world() {
  const order: string[] = [];
  const clock = { m: 0, w: 0, monotonic: () => clock.m, wall: () => clock.w };
  const state = { sessionUp: true, handlers: undefined as BroadcastHandlers | undefined, ready: undefined as boolean | undefined };
  const reader: BroadcastReader = {
    start: async (handlers) => {
      order.push('reads');
      state.handlers = handlers;
    },
    stop: async () => void order.push('stops reading'),
  };
  const registry = {
    register: async () => {
      if (!state.sessionUp) throw new Error('session service is starting');
      order.push('registers');
    },
    remove: async () => void order.push('unregisters'),
  };
  const readiness = {
    set(_name: string, ok: boolean): void {
      state.ready = ok;
    },
  };
  const service = new ViewService({
    service: 'introspect',
    sources: ['session', 'auth'],
    horizonMs: 1e6,
    boundMs: 2_000,
    clock,
    reader,
    registry,
    readiness,
  });
  const prove = () => {
    for (const source of ['session', 'auth'] as const) {
      state.handlers?.onProof(source, {
        ...{ sentMonotonic: clock.m, sentWall: clock.w, dbTime: 1, unpassedSince: 1 },
        position: { epoch: 'e', ticket: clock.m, numbers: new Map() },
      });
    }
  };
  return { service, state, order, clock, prove };
}

describe('a view’s life in a service', () => {
  it('registers before it reads, is ready with the first proof of every source, and takes its leave', async () => {
    const { service, state, order, prove } = world();
    expect(state.ready).toBe(false);
    await service.start('http://127.0.0.1:1');
    await until(() => state.handlers);
    expect(state.ready).toBe(false);
    prove();
    expect(state.ready).toBe(true);
    await service.stop();
    expect(order.filter((step, n) => order.indexOf(step) === n)).toEqual(['registers', 'reads', 'stops reading', 'unregisters']);
  });

  it('does not wait for a session service that starts beside it, and reads nothing before it is registered', async () => {
    const { service, state, order } = world();
    state.sessionUp = false;
    await service.start('http://127.0.0.1:1');
    expect(order).toEqual([]);
    state.sessionUp = true;
    await until(() => state.handlers);
    await service.stop();
  });

  it('refuses with 503 and Retry-After what it can not vouch for, and loses readiness by itself', async () => {
    const { service, state, clock, prove } = world();
    const refusal = () => {
      try {
        service.requireFresh();
        return null;
      } catch (error) {
        return error instanceof OAuthError ? [error.status, error.code, error.headers['retry-after']] : error;
      }
    };
    expect(refusal()).toEqual([503, 'temporarily_unavailable', '1']);
    await service.start('http://127.0.0.1:1');
    await until(() => state.handlers);
    prove();
    expect(refusal()).toBeNull();
    clock.m += 1_901;
    expect(refusal()).toEqual([503, 'temporarily_unavailable', '1']);
    await until(() => state.ready === false);
    await service.stop();
  });

  it('tells of each change of a client once, whether it came as a hint or by the log', () => {
    const { service } = world();
    const told: string[] = [];
    service.onClientChanged((id) => told.push(id));
    const entry = { kind: 'client' as const, id: 'shop', gen: 2, at: 5 };
    service.receive([entry]);
    service.receive([entry, { kind: 'session', id: 's', at: 5 }]);
    service.receive([{ ...entry, at: 9 }]);
    expect(told).toEqual(['shop', 'shop']);
  });
});
