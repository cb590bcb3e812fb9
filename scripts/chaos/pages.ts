import type { Cluster } from '../cluster/cluster.js';
import { fillForm } from '../demo/html-form.js';
import { Person } from '../demo/person.js';
import { RelyingParty, type Tokens } from '../demo/relying-party.js';
import type { Answer } from './calls.js';
import { type ClientId, passwordOf } from './chaos-config.js';
import { claimsOf } from './claims.js';
import { type Deeds, withoutVerdict } from './deeds.js';
import type { End } from './history.js';
import type { Grant, Life } from './lives.js';

/** Sign-in and sign-out as a browser does them: real pages, argon2, a client library that no one here wrote. */
export class Pages {
  private readonly parties = new Map<ClientId, RelyingParty>();

  constructor(
    private readonly cluster: Cluster,
    private readonly deeds: Deeds,
  ) {}

  /** Null: something on the way was not to be had. The session may be there; nobody knows it. */
  async signIn(user: string, client: ClientId): Promise<Life | null> {
    const invokedAt = performance.now();
    try {
      const party = await this.party(client);
      const browser = new Person(user, this.cluster.issuer);
      const request = await party.authorize();
      let place = await browser.submit(await browser.visit(request.url), 'Sign in', { username: user, password: passwordOf(user) });
      if ('page' in place) place = await browser.submit(place, 'Allow');
      const exchangedAt = performance.now();
      const tokens = await request.finish(place);
      const completedAt = performance.now();
      const sid = claimsOf(tokens.id).sid ?? '';
      this.deeds.recorder.add({ kind: 'start', sid, user, invokedAt, completedAt });
      const life: Life = { sid, user, browser, grants: [], ending: false };
      this.deeds.keepGrant(life, client, { status: 200, body: bodyOf(tokens), invokedAt: exchangedAt, completedAt });
      return life;
    } catch {
      return null;
    }
  }

  /** RP-initiated; acknowledged when the browser is sent back to the client. */
  async signOut(life: Life, { client, idToken }: Grant): Promise<End['outcome']> {
    const invokedAt = performance.now();
    const seen = (status: number | null): Answer => ({ status, body: {}, invokedAt, completedAt: performance.now() });
    try {
      const party = await this.party(client);
      const url = party.logoutUrl({ access: '', refresh: '', id: idToken, sub: '', scope: '' });
      let place = await life.browser?.visit(url);
      if (place && 'page' in place && hasButton(place.page)) place = await life.browser?.submit(place, 'Sign out');
      const back = place !== undefined && 'sentTo' in place;
      return this.deeds.recordEnd('logout', [life.sid], seen(back ? 200 : null), back ? 'ok' : withoutVerdict(null));
    } catch {
      return this.deeds.recordEnd('logout', [life.sid], seen(null), 'unknown');
    }
  }

  private async party(client: ClientId): Promise<RelyingParty> {
    const known = this.parties.get(client);
    if (known) return known;
    const registered = this.cluster.options.plan.config.catalogue?.clients.find(({ clientId }) => clientId === client);
    if (!registered) throw new Error(`${client} is not in the configuration`);
    const party = await RelyingParty.of(this.cluster.issuer, registered);
    this.parties.set(client, party);
    return party;
  }
}

function bodyOf({ access, refresh, id }: Tokens): Record<string, string> {
  return { access_token: access, refresh_token: refresh, id_token: id };
}

function hasButton(page: string): boolean {
  try {
    fillForm(page, 'Sign out', {});
    return true;
  } catch {
    return false;
  }
}
