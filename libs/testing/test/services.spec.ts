import { sessionApi } from '#libs/contracts';
import { spawnServices, startServices } from '../src/index.js';

const login = {
  sub: 'jane',
  subject_gen: 0,
  remember: false,
  amr: ['pwd'],
  acr: null,
  cookie: null,
  ip: null,
  user_agent: null,
};

describe('services for tests', () => {
  it('runs one in this process, answers its internal calls and reads the clock that the test turns', async () => {
    const services = await startServices({ services: ['session'] });
    try {
      const { session } = await services.world.call('auth', sessionApi.start, login);
      expect(await services.world.call('token', sessionApi.truth, { sid: session.sid })).toMatchObject({ alive: true });
      await services.world.time.advance(31 * 60_000);
      expect(await services.world.call('token', sessionApi.truth, { sid: session.sid })).toMatchObject({ alive: false });
    } finally {
      await services.stop();
    }
  });

  it('runs one as a process that can be killed and started again on the same data', async () => {
    const services = await spawnServices({ services: ['session'] });
    try {
      const { session } = await services.world.call('auth', sessionApi.start, login);
      await services.signal('session', 'SIGKILL');
      expect(await services.exited('session')).toBe('SIGKILL');
      await services.restart('session');
      expect(await services.world.call('token', sessionApi.truth, { sid: session.sid })).toMatchObject({ alive: true });
    } finally {
      await services.stop();
    }
  });
});
