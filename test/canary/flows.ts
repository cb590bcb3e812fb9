import { randomBytes } from 'node:crypto';
import { type SpawnedServices, secretOf } from '#libs/testing';
import { AccountOwner } from '../actors/account-owner.js';
import { Operator } from '../actors/operator.js';
import { answerOf, type RawClient, type TokenSet } from '../actors/raw-client.js';
import { type Person } from '../actors/sign-in.js';
import { UserAgent } from '../actors/user-agent.js';
import type { World } from '../world.js';

const SCOPE = 'openid profile photos:read online_access';
const random = (what: string) => `${what} ${randomBytes(12).toString('hex')}`;

/** What people, applications and operators do, right and wrong. `recorder` learns the secrets from what is sent and given. */
export class Flows {
  private readonly operator: Operator;
  private readonly nowhere = () => false;

  constructor(private readonly world: World<SpawnedServices>) {
    this.operator = new Operator(world.services);
  }

  async all(): Promise<void> {
    const person = await this.operatorsWork();
    const tokens = await this.signInAndUse(person);
    await this.mistakesAtTheForms(person);
    await this.applicationsMistakes(tokens);
    await this.accountPages(person);
    await this.logouts(person);
  }

  /** Users and clients by the admin API: passwords and secrets in bodies, also refused ones. */
  private async operatorsWork(): Promise<Person> {
    const call = this.operator.call.bind(this.operator);
    const person = { username: `canary-${randomBytes(4).toString('hex')}`, password: random('the first password') };
    const created = await call('auth', 'POST', '/admin/users', person);
    expect(created.status).toBe(201);
    expect((await call('auth', 'POST', '/admin/users', person)).status).toBe(409);
    const unknown = await call('auth', 'POST', '/admin/users', { ...person, pass: random('in a member nobody knows') });
    expect(unknown.status).toBe(400);
    const changed = { ...person, password: random('set by an operator') };
    const set = await call('auth', 'POST', `/admin/users/${created.body.sub}/password`, { password: changed.password });
    expect(set.status).toBe(200);
    await this.registerClient();
    return changed;
  }

  private async registerClient(): Promise<void> {
    const metadata = {
      application_type: 'web',
      redirect_uris: [this.world.shop.callback],
      grant_types: ['authorization_code', 'client_credentials'],
      scope: 'openid photos:read',
    };
    const answer = await this.operator.call('auth', 'POST', '/admin/clients', { client_id: 'canary-client', metadata });
    expect(answer.status).toBe(201);
    const second = await this.operator.call('auth', 'POST', '/admin/clients/canary-client/secrets');
    expect(second.status).toBe(201);
    for (const secret of [answer, second].map(({ body }) => String(body.client_secret))) {
      const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'canary-client', client_secret: secret });
      expect([200, 401]).toContain((await this.post(this.world.endpoints.token, form.toString())).status);
    }
    const refused = { metadata: { ...metadata, client_secret: random('a secret of their own choice') } };
    expect((await this.operator.call('auth', 'POST', '/admin/clients', refused)).status).toBe(400);
  }

  private async signInAndUse(person: Person): Promise<TokenSet> {
    const agent = new UserAgent();
    const tokens = await this.world.tokensFor(agent, this.world.shop, `${SCOPE} prints:order email`, { person });
    const shop = this.world.raw('photo-shop');
    await this.world.tokensFor(agent, this.world.backup, 'openid photos:read offline_access', { person, more: { prompt: 'consent' } });
    // For one API alone, whose tokens are signed and not sealed.
    const printing = await shop.refresh(tokens.refresh_token, { resource: 'https://prints.example/api' });
    expect(String(printing.body.access_token).split('.')).toHaveLength(3);
    const next = await shop.refresh(String(printing.body.refresh_token));
    expect((await shop.userinfo(String(next.body.access_token))).status).toBe(200);
    expect(await this.world.isActive(String(next.body.access_token))).toBe(true);
    expect((await this.world.raw('gateway').introspect(String(next.body.refresh_token))).status).toBe(200);
    return next.body as unknown as TokenSet;
  }

  /** A password in the field of the name, a token in the field of the password, a wrong one, a form of another browser. */
  private async mistakesAtTheForms(person: Person): Promise<void> {
    const typed: Person[] = [
      { ...person, password: random('a wrong password') },
      { username: person.password, password: person.username },
      { username: random('a password typed as a name'), password: secretOf('photo-book') },
    ];
    for (const values of typed) {
      const agent = new UserAgent();
      const { url } = await this.world.book.begin(SCOPE);
      const page = await agent.open(url);
      const [form] = agent.forms(page);
      if (!form) throw new Error('no login form');
      expect((await agent.submit(page, form, { ...values }, this.nowhere)).status).toBe(400);
      expect((await new UserAgent().submit(page, form, { ...values }, this.nowhere)).status).toBe(403);
    }
    const denied = await this.world.signInAt(new UserAgent(), this.world.book, SCOPE, { person, consent: 'deny' });
    expect(denied.error).toBe('access_denied');
  }

  private async applicationsMistakes(tokens: TokenSet): Promise<void> {
    const { shop, endpoints } = this.world;
    const raw = this.world.raw('photo-shop');
    const wrong = Object.assign(this.world.raw('photo-shop'), { secret: random('a wrong secret') }) as RawClient;
    const { started, code } = await this.world.signInAt(new UserAgent(), shop, SCOPE);
    const other = 'v'.repeat(21) + randomBytes(16).toString('hex');
    expect((await wrong.exchange(code ?? '', started.verifier, shop.callback)).status).toBe(401);
    expect((await this.world.raw('photo-book').exchange(code ?? '', started.verifier, shop.callback)).status).toBe(400);
    expect((await raw.exchange(code ?? '', other, shop.callback)).status).toBe(400);
    const again = await this.world.signInAt(new UserAgent(), shop, SCOPE);
    const first = await raw.exchange(again.code ?? '', again.started.verifier, shop.callback);
    const later = await raw.refresh(String(first.body.refresh_token));
    // Used twice, and a token that was replaced: both end in a revocation.
    expect((await raw.exchange(again.code ?? '', again.started.verifier, shop.callback)).status).toBe(400);
    expect((await raw.refresh(String(later.body.refresh_token))).status).toBe(400);
    expect((await this.world.raw('photo-book').refresh(tokens.refresh_token)).status).toBe(400);
    expect((await this.world.raw('photo-book').introspect(tokens.access_token)).body).toEqual({ active: false });
    expect((await wrong.introspect(tokens.access_token)).status).toBe(401);
    expect((await raw.userinfo(tokens.id_token)).status).toBe(401);
    expect((await raw.userinfo(tokens.refresh_token)).status).toBe(401);
    expect((await raw.revoke(tokens.access_token)).status).toBe(200);
    expect((await raw.revoke(tokens.refresh_token)).status).toBe(200);
    expect((await answerOf(await fetch(`${endpoints.userinfo}?access_token=${tokens.access_token}`))).status).toBe(401);
  }

  private async accountPages(person: Person): Promise<void> {
    const owner = new AccountOwner(this.world.issuer, person);
    for (const page of ['', '/sessions', '/applications', '/activity']) expect((await owner.open(`/account${page}`)).status).toBe(200);
    const page = await owner.open('/account/password');
    const change = (password: string, fresh: string, again = fresh) =>
      owner.press(page, '/password', { password, new_password: fresh, new_password_again: again, stay: 'yes' });
    const fresh = random('a password of my own');
    expect((await change(random('not my password'), fresh)).status).toBe(400);
    expect((await change(person.password, fresh, random('not the same'))).status).toBe(400);
    expect((await change(person.password, fresh)).status).toBe(200);
    Object.assign(person, { password: fresh });
    await owner.press(await owner.open('/account/sessions'), '/sign-out');
  }

  /** By GET with a hint, by POST, with a hint of nobody, and asked first. */
  private async logouts(person: Person): Promise<void> {
    const { shop, metadata } = this.world;
    const signedIn = async () => {
      const agent = new UserAgent();
      return { agent, tokens: await this.world.tokensFor(agent, shop, SCOPE, { person }) };
    };
    const [one, two, three] = [await signedIn(), await signedIn(), await signedIn()];
    const state = `state-${randomBytes(16).toString('hex')}`;
    await one.agent.open(shop.logoutUrl(one.tokens.id_token, state), shop.isMine);
    const body = new URLSearchParams({ id_token_hint: two.tokens.id_token, post_logout_redirect_uri: shop.signedOut, state });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await two.agent.open(metadata.end_session_endpoint, shop.isMine, { method: 'POST', body: body.toString(), headers });
    const broken = await three.agent.open(`${metadata.end_session_endpoint}?id_token_hint=${three.tokens.id_token.slice(0, -8)}AAAAAAAA`);
    expect(broken.status).toBe(400);
    const asked = await three.agent.open(metadata.end_session_endpoint);
    const [form] = three.agent.forms(asked);
    if (form)
      await three.agent.submit(
        asked,
        form,
        Object.fromEntries(form.buttons.slice(0, 1).map(({ name, value }) => [name, value])),
        this.nowhere,
      );
  }

  private async post(url: string, body: string): Promise<Response> {
    return fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
  }
}
