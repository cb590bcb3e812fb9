import { sessionApi } from '#libs/contracts';
import type { Person } from '../actors/sign-in.js';
import { type Page, UserAgent } from '../actors/user-agent.js';
import { CALLBACKS, CHALLENGE, VISITORS, type World } from './world.js';

/** A page with a form, as a browser holds it: whose it is, its cookies, the form's token and the name in its address. */
export interface Form {
  readonly person: Person;
  readonly cookie: string;
  readonly csrf: string;
  readonly handle: string;
}

/** A browser that is signed in, with the form token of the account pages. */
export interface Visit extends Form {
  readonly sid: string;
  readonly sub: string;
}

interface Known {
  readonly sub: string;
  readonly gen: number;
}

const NOWHERE = () => false;
const ATTENTION = ['localhost:4090', 'localhost:4091', 'localhost:4092'];

/** The persons of the fuzzer and what their browsers hold. Sessions begin by the internal API: no password is hashed, no counter moved. */
export class People {
  private readonly hashes = new Map<string, string>();
  private readonly known = new Map<string, Known>();

  constructor(private readonly world: World) {}

  /** Passwords as they were, nobody locked out; `enable` undoes what an operator did. */
  async restore(enable: (sub: string) => Promise<unknown>): Promise<void> {
    const { database } = this.world;
    await database.query('DELETE FROM ephemeral.counter');
    const rows = await database.query<Known & { username: string; password_hash: string; disabled: boolean }>(
      "SELECT sub, username, password_hash, disabled FROM auth.subject WHERE username IN ('jane', 'john') OR username LIKE 'visitor-_'",
    );
    if (this.hashes.size === 0) for (const { sub, password_hash } of rows) this.hashes.set(sub, password_hash);
    for (const { sub, disabled, password_hash } of rows) {
      if (disabled) await enable(sub);
      const hash = this.hashes.get(sub);
      if (hash !== password_hash) await database.query('UPDATE auth.subject SET password_hash = $2 WHERE sub = $1', [sub, hash]);
    }
    // The services believe each other: whoever was given a generation from the future has it from now on, or would be kept out for good.
    await database.query(
      `UPDATE auth.subject a SET gen = greatest(a.gen, s.gen, t.gen)
       FROM auth.subject o LEFT JOIN session.subject_generation s USING (sub) LEFT JOIN token.subject_generations t USING (sub)
       WHERE o.sub = a.sub AND a.gen < greatest(a.gen, s.gen, t.gen)`,
    );
    const now = await database.query<Known & { username: string }>('SELECT sub, username, gen FROM auth.subject');
    for (const { username, sub, gen } of now) this.known.set(username, { sub, gen });
  }

  of(username: string): Known {
    const found = this.known.get(username);
    if (!found) throw new Error(`nobody is called ${username}`);
    return found;
  }

  async startSession(username: string) {
    const { sub, gen } = this.of(username);
    const login = { sub, subject_gen: gen, remember: false, amr: ['pwd'], acr: null, cookie: null, ip: '192.0.2.7', user_agent: 'fuzzer' };
    return this.world.call('auth', sessionApi.start, login);
  }

  visitor(index: number): Person {
    const person = VISITORS[index % VISITORS.length];
    if (!person) throw new Error('no visitors');
    return person;
  }

  /** Signed out, at the account's own sign-in. */
  async signInPage(index: number): Promise<Form> {
    const agent = new UserAgent();
    const person = this.visitor(index);
    return formOn(agent, await agent.open(`${this.world.issuer}/account/sign-in?to=overview`), person);
  }

  async visit(index: number): Promise<Visit> {
    const person = this.visitor(index);
    const { agent, sid } = await this.signedIn(person);
    const page = await agent.open(`${this.world.issuer}/account/sessions`);
    return { ...formOn(agent, page, person), sid, sub: this.of(person.username).sub };
  }

  async loginPage(index: number): Promise<Form> {
    const agent = new UserAgent();
    return formOn(agent, await agent.open(this.authorize('login')), this.visitor(index));
  }

  /** `answered`: the visitor has agreed, so that there is a consent. */
  async consentPage(index: number, { answered }: { answered: boolean }): Promise<Form> {
    const person = this.visitor(index);
    const { agent } = await this.signedIn(person);
    const page = await agent.open(this.authorize('consent'));
    const form = formOn(agent, page, person);
    const [shown] = agent.forms(page);
    const atClient = (url: URL) => ATTENTION.includes(url.host);
    if (answered && shown) await agent.submit(page, shown, { answer: 'allow', scope: ['photos:read', 'offline_access'] }, atClient);
    return form;
  }

  async logoutPage(index: number): Promise<Form> {
    const person = this.visitor(index);
    const { agent } = await this.signedIn(person);
    return formOn(agent, await agent.open(`${this.world.issuer}/logout`), person);
  }

  private async signedIn(person: Person): Promise<{ agent: UserAgent; sid: string }> {
    const agent = new UserAgent();
    await agent.open(`${this.world.issuer}/account/sign-in`, NOWHERE);
    const browser = [...agent.cookies().keys()].find((name) => name.includes('lanyard-browser-'));
    if (!browser) throw new Error('the sign-in page gave no cookie');
    const { session, cookie } = await this.startSession(person.username);
    agent.setCookie(browser.replace('-browser-', '-session-'), cookie);
    return { agent, sid: session.sid };
  }

  private authorize(prompt: string): string {
    const query = {
      client_id: 'photo-backup',
      redirect_uri: CALLBACKS['photo-backup'] ?? '',
      response_type: 'code',
      scope: 'openid photos:read offline_access',
      state: 'fuzz',
      prompt,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    };
    return `${this.world.issuer}/authorize?${new URLSearchParams(query).toString()}`;
  }
}

function formOn(agent: UserAgent, page: Page, person: Person): Form {
  const form = agent.forms(page).find(({ fields }) => fields.has('csrf'));
  const csrf = form?.fields.get('csrf')?.[0];
  if (!form || csrf === undefined) throw new Error(`no form at ${page.url.href} (${page.status}): ${page.body.slice(0, 500)}`);
  const cookie = [...agent.cookies()].map(([name, value]) => `${name}=${value}`).join('; ');
  return { person, cookie, csrf, handle: /\/(?:interaction|logout)\/([^/?]+)/.exec(form.action)?.[1] ?? '' };
}
