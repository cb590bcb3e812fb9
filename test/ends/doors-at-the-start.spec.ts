import { startServices } from '#libs/testing';
import { Operator } from '../actors/operator.js';

it('every admin API answers at once when all that it stands on were started', async () => {
  const services = await startServices({ services: ['auth', 'session', 'token'] });
  try {
    const operator = new Operator(services);
    const asked = [operator.call('session', 'GET', '/admin/sessions'), operator.call('auth', 'GET', '/admin/users')];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
  } finally {
    await services.stop();
  }
}, 180_000);
