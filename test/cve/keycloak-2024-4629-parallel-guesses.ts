import type { Person } from '../actors/sign-in.js';
import { type Page, UserAgent } from '../actors/user-agent.js';
import { newcomer, type Row, SCOPE } from './cast.js';

/** An attempt is reserved before the password is hashed. */
export const parallelGuesses: Row = (world) => {
  it('Keycloak CVE-2024-4629: of 40 wrong passwords at once at most ten are tried; then the right one waits too', async () => {
    const person = await newcomer(world());
    const wrong = { username: person.username, password: 'wrong' };
    const guess = () => new Guess(new UserAgent());
    const pages = await Promise.all(Array.from({ length: 40 }, async () => guess().ready((await world().shop.begin(SCOPE)).url)));
    const statuses = await Promise.all(pages.map((page) => page.send(wrong)));
    expect(statuses.filter((status) => status !== 429).length).toBeLessThanOrEqual(10);
    const right = await guess().ready((await world().shop.begin(SCOPE)).url);
    expect(await right.send(person)).toBe(429);
  });
};

class Guess {
  private page: Page | undefined;
  constructor(private readonly agent: UserAgent) {}

  async ready(url: URL): Promise<this> {
    this.page = await this.agent.open(url);
    return this;
  }

  async send({ username, password }: Person): Promise<number> {
    if (!this.page) throw new Error('not ready');
    const [form] = this.agent.forms(this.page);
    if (!form) throw new Error(this.page.body);
    return (await this.agent.submit(this.page, form, { username, password }, () => false)).status;
  }
}
