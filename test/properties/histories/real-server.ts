import { randomUUID } from 'node:crypto';
import { type ServiceName, sessionApi } from '#libs/contracts';
import { PREFIX } from '#libs/protocol';
import { type InProcessServices, secretOf, until } from '#libs/testing';
import type { Operator } from '../../actors/operator.js';
import { type Answer, RawClient } from '../../actors/raw-client.js';
import { CALLBACK, challengeOf, newVerifier, Stage } from '../stage.js';
import type { Server } from './compare.js';
import type { Outcome } from './model.js';
import { CLIENTS, PEOPLE, type Step, WAITS } from './steps.js';

interface Issued {
  readonly client: number;
  readonly code: string;
  readonly verifier: string;
}

/** Takes the steps at the four services, with people of its own; keeps everything it was ever given, as a thief would. */
export class RealServer implements Server {
  readonly bound = 2_000;
  private readonly stage: Stage;
  private readonly sids: { sid: string; person: number }[] = [];
  private readonly codes: Issued[] = [];
  private readonly families: { client: number; tokens: string[] }[] = [];
  private readonly access: { client: number; token: string }[] = [];

  private constructor(
    private readonly services: InProcessServices,
    private readonly operator: Operator,
    private readonly subs: readonly string[],
  ) {
    this.stage = new Stage(services);
  }

  /** One operator for the whole run: each would be one more client_credentials token to fetch. */
  static async withFreshPeople(services: InProcessServices, operator: Operator): Promise<RealServer> {
    const server = new RealServer(services, operator, await Promise.all(PEOPLE.map((name) => newPerson(services, name))));
    for (const client of CLIENTS) await server.operate('auth', `/admin/clients/${client}/enable`);
    return server;
  }

  async take(step: Step): Promise<Outcome> {
    switch (step.do) {
      case 'sign in':
        this.sids.push({ sid: await this.stage.session(this.sub(step.person)), person: step.person });
        return 'done';
      case 'get a code':
        return this.getCode(step);
      case 'issue':
        await this.getCode(step);
        return this.redeem(this.codes.length - 1);
      case 'redeem':
        return this.redeem(step.code);
      case 'refresh':
        return this.refresh(step.family, step.behind);
      case 'revoke refresh token': {
        const { client, tokens } = at(this.families, step.family);
        return this.revoke(client, tokens.at(-1 - step.behind) ?? '');
      }
      case 'revoke access token': {
        const { client, token } = at(this.access, step.token);
        return this.revoke(client, token);
      }
      case 'log out': {
        const { sid, person } = at(this.sids, step.session);
        const ended = { sid, reason: 'logout', initiated_by: 'user', actor: this.sub(person) } as const;
        await until(async () => (await this.services.world.call('auth', sessionApi.end, ended)).confirmed);
        return 'done';
      }
      case 'operator ends':
        return this.operate('session', `/admin/sessions/${at(this.sids, step.session).sid}/end`);
      case 'end all of':
        return this.operate('auth', `/admin/users/${this.sub(step.person)}/revoke-all`, 'once');
      case 'disable person':
      case 'enable person':
        return this.operate('auth', `/admin/users/${this.sub(step.person)}/${step.do === 'disable person' ? 'disable' : 'enable'}`);
      case 'disable client':
      case 'enable client':
        return this.operate('auth', `/admin/clients/${CLIENTS[step.client]}/${step.do === 'disable client' ? 'disable' : 'enable'}`);
      case 'withdraw consent':
        return this.operate('auth', `/admin/users/${this.sub(step.person)}/consents/${CLIENTS[step.client]}/revoke`, 'if there is one');
      case 'cut off':
        return this.operate('token', '/admin/grants/revoke', 'again', { sub: this.sub(step.person), client_id: CLIENTS[step.client] });
      case 'rotate keys':
        for (const line of ['sealing', 'refresh_mac']) await this.operate('token', `/admin/keys/lines/${line}/rotate`, 'once');
        return 'done';
      case 'revoke sealing keys':
        return this.revokeSealingKeys();
      case 'wait':
        return this.wait(WAITS[step.time]);
    }
  }

  /** 503 is no answer: the view was not fresh on a busy machine. */
  active(): Promise<boolean[]> {
    const gateway = new RawClient(this.endpoints, 'gateway', secretOf('gateway'));
    return Promise.all(this.access.map(async ({ token }) => (await answered(() => gateway.introspect(token), [200])).body.active === true));
  }

  private async getCode({ session, client, offline }: Step & { do: 'get a code' | 'issue' }): Promise<Outcome> {
    const { sid, person } = at(this.sids, session);
    const [sub, verifier, mode] = [this.sub(person), newVerifier(), offline ? ('offline' as const) : ('online' as const)];
    const scope = ['openid', 'photos:read', `${mode}_access`];
    const consentId = await this.consent(sub, at(CLIENTS, client), scope);
    const asked = { client: at(CLIENTS, client), sub, sid, scope, mode, consentId, challenge: challengeOf(verifier) };
    this.codes.push({ client, verifier, code: await this.stage.code(asked) });
    return 'done';
  }

  private async redeem(index: number): Promise<Outcome> {
    const { client, code, verifier } = at(this.codes, index);
    const { status, body } = await answered(() => this.raw(client).exchange(code, verifier, CALLBACK));
    if (status !== 200) return 'refused';
    this.families.push({ client, tokens: [String(body.refresh_token)] });
    this.access.push({ client, token: String(body.access_token) });
    return 'issued';
  }

  private async refresh(index: number, behind: number): Promise<Outcome> {
    const { client, tokens } = at(this.families, index);
    const { status, body } = await answered(() => this.raw(client).refresh(tokens.at(-1 - behind) ?? ''));
    if (status !== 200) return 'refused';
    this.access.push({ client, token: String(body.access_token) });
    const successor = String(body.refresh_token);
    // The same place in the same grant; the key that vouches for it may have been rotated between.
    if (tokens.some((token) => placeOf(token) === placeOf(successor))) return 'repeated';
    tokens.push(successor);
    return 'rotated';
  }

  private async revoke(client: number, token: string): Promise<Outcome> {
    return (await answered(() => this.raw(client).revoke(token))).status === 200 ? 'done' : 'refused';
  }

  /** As the consent page writes it. */
  private async consent(sub: string, clientId: string, scope: string[]): Promise<string> {
    const [row] = await this.services.world.database.query<{ consent_id: string }>(
      `INSERT INTO auth.consent AS c (consent_id, sub, client_id, scopes, declined, granted_at, updated_at)
       VALUES ($1, $2, $3, $4, '{}', lanyard.now(), lanyard.now())
       ON CONFLICT (sub, client_id) WHERE revoked_at IS NULL DO UPDATE SET updated_at = excluded.updated_at RETURNING consent_id`,
      [randomUUID(), sub, clientId, scope],
    );
    return row?.consent_id ?? '';
  }

  private async revokeSealingKeys(): Promise<Outcome> {
    const { items } = (await this.ask('token', 'GET', '/admin/keys?line=sealing&limit=200')).body as {
      items: { kid: string; state: string }[];
    };
    for (const { kid } of items.filter(({ state }) => state === 'active' || state === 'retiring'))
      await this.operate('token', `/admin/keys/${kid}/revoke`);
    return 'done';
  }

  /** A leap lets every lease lapse: the views must be known again, or nothing is fresh. */
  private async wait(seconds: number): Promise<Outcome> {
    const { world } = this.services;
    await world.time.advance(seconds * 1_000);
    await until(async () => (await world.call('auth', sessionApi.listViews, {})).views.filter(({ lapsed }) => !lapsed).length >= 4);
    return 'done';
  }

  /** An operator who reads `confirmed: false` asks again, where asking again changes nothing. */
  private async operate(
    service: ServiceName,
    path: string,
    repeat: 'again' | 'once' | 'if there is one' = 'again',
    body?: unknown,
  ): Promise<Outcome> {
    await until(async () => {
      const answer = await this.ask(service, 'POST', path, body);
      if (answer.status === 404 && repeat === 'if there is one') return true;
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return repeat === 'once' || answer.body.confirmed !== false;
    });
    return 'done';
  }

  /** Its token expires like any other. */
  private async ask(service: ServiceName, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
    return answered(async () => {
      const answer = await this.operator.call(service, method, path, body);
      if (answer.status === 401) this.operator.forget();
      return answer.status === 401 ? { ...answer, status: 503 } : answer;
    });
  }

  private sub(person: number): string {
    return at(this.subs, person);
  }

  private raw(client: number): RawClient {
    const id = at(CLIENTS, client);
    return new RawClient(this.endpoints, id, id === 'photo-viewer' ? null : secretOf(id));
  }

  private get endpoints() {
    const { world } = this.services;
    const token = world.url('token');
    return { token: `${token}/token`, revoke: `${token}/revoke`, introspect: `${world.url('introspect')}/introspect`, userinfo: '' };
  }
}

/** As an import would write them: no password is hashed, since nobody types one. */
async function newPerson({ world }: InProcessServices, name: string): Promise<string> {
  const sub = randomUUID();
  await world.database.query(
    `INSERT INTO auth.subject SELECT (jsonb_populate_record(s, jsonb_build_object('sub', $1::text, 'username', $2::text, 'username_key', lower($2)))).*
     FROM auth.subject s WHERE s.username = 'jane'`,
    [sub, `${name} ${sub}`],
  );
  return sub;
}

/** 503 says "not now" and is asked again; any other 5xx is a failure of the server. */
async function answered(ask: () => Promise<Answer>, statuses?: number[]): Promise<Answer> {
  const answer = await until(async () => {
    const given = await ask();
    return (given.status >= 500 ? given.status !== 503 : (statuses?.includes(given.status) ?? true)) && given;
  });
  if (answer.status >= 500) throw new Error(`the server answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** Grant, session and number: between the key's name and the MAC. */
function placeOf(refreshToken: string): string {
  const bytes = Buffer.from(refreshToken.slice(PREFIX.refreshToken.length), 'base64url');
  return bytes.subarray(2 + (bytes[1] ?? 0), -32).toString('hex');
}

function at<T>(among: readonly T[], index: number): T {
  const found = among[index];
  if (found === undefined) throw new Error(`nothing at ${index} of ${among.length}`);
  return found;
}
