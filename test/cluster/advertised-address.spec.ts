import { SERVICES, sessionApi } from '#libs/contracts';
import { type InProcessServices, startServices, until } from '#libs/testing';

/** The owner of an end posts hints to each view at the address it is registered with: 127.0.0.1 would be the owner's own machine. */
describe('services that advertise a name', () => {
  let services: InProcessServices;
  beforeAll(async () => {
    services = await startServices({ env: { LANYARD_ADVERTISED_HOST: 'localhost' } });
  }, 180_000);
  afterAll(() => services?.stop());

  it('register their views with it, each with its own internal port', async () => {
    const registered = async () => (await services.world.call('auth', sessionApi.listViews, {})).views.map(({ address }) => address).sort();
    const expected = SERVICES.map((service) => services.world.internalUrl(service).replace('127.0.0.1', 'localhost')).sort();
    await until(async () => (await registered()).length >= SERVICES.length, { what: 'four views registered' });
    expect(await registered()).toEqual(expected);
  });
});
