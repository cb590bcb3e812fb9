import type { Flaw } from './flaws.js';
import { CLIENTS, PEOPLE, type Step, WAITS } from './steps.js';

/** What a step was answered with. `repeated`: a refresh that got the successor which an earlier one got. */
export type Outcome = 'done' | 'issued' | 'rotated' | 'repeated' | 'refused';

/** Seconds, as histories.spec.ts sets them. Whatever is compared lies a minute and more beside each of these. */
export const TIMES = { accessToken: 600, grace: 120, code: 60, session: 36_000, usedCode: 600 };
const PUBLIC = CLIENTS.indexOf('photo-viewer');
const BACKUP = CLIENTS.indexOf('photo-backup');
/** A public client repeats at will for two seconds and three times after them: how often in all, real milliseconds decide. */
const CERTAIN_REPEATS = 3;

interface Switched {
  gen: number;
  disabled: boolean;
}
interface Code {
  readonly session: number;
  readonly client: number;
  readonly offline: boolean;
  readonly consent: number;
  readonly gen: number;
  readonly at: number;
  void: boolean;
  family: number | null;
}
interface Family extends Pick<Code, 'session' | 'client' | 'offline' | 'consent' | 'gen'> {
  current: number;
  rotatedAt: number;
  repeats: number;
  dead: boolean;
}
interface AccessToken {
  readonly family: number;
  readonly clientGen: number;
  readonly sealing: number;
  readonly at: number;
  revoked: boolean;
}

/** What DESIGN promises of everything ever issued; no product code. A flaw is one promise broken: then this is a forged server. */
export class Model {
  private now = 0;
  private sealing = 0;
  private readonly people: Switched[] = PEOPLE.map(() => ({ gen: 0, disabled: false }));
  private readonly clients: Switched[] = CLIENTS.map(() => ({ gen: 0, disabled: false }));
  private readonly sessions: { readonly person: number; readonly gen: number; readonly at: number; ended: boolean }[] = [];
  private readonly codes: Code[] = [];
  private readonly families: Family[] = [];
  private readonly tokens: AccessToken[] = [];
  /** Numbers of consents that were withdrawn; the next one is another. */
  private readonly withdrawn = new Set<number>();

  constructor(private readonly flaw?: Flaw) {}

  /** The step with numbers of things that exist; null: it cannot be taken now. */
  resolve(step: Step): Step | null {
    switch (step.do) {
      case 'sign in':
        return this.people[step.person]?.disabled ? null : step;
      case 'get a code':
      case 'issue': {
        const session = pick(step.session, this.sessions);
        const may = session !== null && this.sessionLives(session) && !this.clients[step.client]?.disabled;
        return may ? { ...step, session, offline: step.offline && step.client === BACKUP } : null;
      }
      case 'redeem': {
        const code = pick(step.code, this.codes);
        return code === null || this.now - the(this.codes, code).at >= TIMES.usedCode ? null : { ...step, code };
      }
      case 'refresh':
      case 'revoke refresh token': {
        const family = pick(step.family, this.families);
        if (family === null) return null;
        const { client, current, repeats } = the(this.families, family);
        const behind = Math.min(step.behind, current - 1);
        return client === PUBLIC && behind === 1 && repeats >= CERTAIN_REPEATS ? null : { ...step, family, behind };
      }
      case 'revoke access token': {
        const token = pick(step.token, this.tokens);
        return token === null ? null : { ...step, token };
      }
      case 'log out':
      case 'operator ends': {
        const session = pick(step.session, this.sessions);
        return session === null ? null : { ...step, session };
      }
      default:
        return step;
    }
  }

  /** With a step that was resolved. */
  take(step: Step): Outcome {
    switch (step.do) {
      case 'sign in':
        this.sessions.push({ person: step.person, gen: the(this.people, step.person).gen, at: this.now, ended: false });
        return 'done';
      case 'get a code':
        return this.getCode(step);
      case 'issue':
        this.getCode(step);
        return this.redeem(this.codes.length - 1);
      case 'redeem':
        return this.redeem(step.code);
      case 'refresh':
        return this.refresh(step.family, step.behind);
      case 'revoke refresh token':
        return this.revokeFamily(the(this.families, step.family));
      case 'revoke access token':
        return this.revokeToken(the(this.tokens, step.token));
      case 'log out':
      case 'operator ends':
        if (this.flaw !== 'an end is forgotten') the(this.sessions, step.session).ended = true;
        return 'done';
      case 'end all of':
        return this.raise(the(this.people, step.person));
      case 'disable person':
      case 'enable person':
        return this.switch(the(this.people, step.person), step.do === 'disable person');
      case 'disable client':
      case 'enable client':
        return this.switch(the(this.clients, step.client), step.do === 'disable client');
      case 'withdraw consent':
        return this.withdraw(step.person, step.client);
      case 'cut off':
        return this.cutOff(step.person, step.client);
      case 'rotate keys':
        if (this.flaw === 'a rotation refuses what was sealed before') this.sealing += 1;
        return 'done';
      case 'revoke sealing keys':
        if (this.flaw !== 'a revoked key still opens') this.sealing += 1;
        return 'done';
      case 'wait':
        this.now += WAITS[step.time];
        return 'done';
    }
  }

  /** What introspection says of each access token, in the order of their issue. */
  active(): boolean[] {
    return this.tokens.map((token) => this.tokenLives(token));
  }

  private getCode({ session, client, offline }: Step & { do: 'get a code' | 'issue' }): Outcome {
    const { person } = the(this.sessions, session);
    const consent = this.consentOf(person, client);
    this.codes.push({ session, client, offline, consent, gen: the(this.people, person).gen, at: this.now, void: false, family: null });
    return 'done';
  }

  /** S7. Whoever comes second has every right the first had, so one of the two is a thief. */
  private redeem(index: number): Outcome {
    const code = the(this.codes, index);
    if (the(this.clients, code.client).disabled) return 'refused';
    if (code.family !== null && this.flaw !== 'a code works twice') {
      if (this.flaw !== 'a second use of a code revokes nothing') the(this.families, code.family).dead = true;
      return 'refused';
    }
    const expired = this.now - code.at >= TIMES.code;
    if (code.void || expired || this.withdrawn.has(code.consent)) return 'refused';
    if (!this.sessionLives(code.session)) return 'refused';
    code.family = this.families.length;
    const { session, client, offline, consent, gen } = code;
    this.families.push({ session, client, offline, consent, gen, current: 1, rotatedAt: this.now, repeats: 0, dead: false });
    this.issueFor(code.family);
    return 'issued';
  }

  /** S6: the current one rotates; one behind is a lost answer (a public client's: within the grace); older is a replay. */
  private refresh(index: number, behind: number): Outcome {
    const family = the(this.families, index);
    if (the(this.clients, family.client).disabled || !this.familyLives(family)) return 'refused';
    if (behind === 0) {
      Object.assign(family, { current: family.current + 1, rotatedAt: this.now, repeats: 0 });
      this.issueFor(index);
      return 'rotated';
    }
    const inTime = family.client !== PUBLIC || this.now - family.rotatedAt <= TIMES.grace || this.flaw === 'the grace never ends';
    if (behind > 1 || !inTime || this.flaw === 'a retry is taken for a replay') {
      if (this.flaw !== 'a replay kills nothing') family.dead = true;
      return 'refused';
    }
    family.repeats += 1;
    this.issueFor(index);
    return this.flaw === 'a retry mints another successor' ? 'rotated' : 'repeated';
  }

  private issueFor(family: number): void {
    const clientGen = the(this.clients, the(this.families, family).client).gen;
    this.tokens.push({ family, clientGen, sealing: this.sealing, at: this.now, revoked: false });
  }

  /** S10: downwards only. */
  private revokeFamily(family: Family): Outcome {
    if (the(this.clients, family.client).disabled) return 'refused';
    if (this.flaw !== 'a revoked family goes on') family.dead = true;
    if (this.flaw === 'a revocation ends the session') the(this.sessions, family.session).ended = true;
    return 'done';
  }

  private revokeToken(token: AccessToken): Outcome {
    const family = the(this.families, token.family);
    if (the(this.clients, family.client).disabled) return 'refused';
    token.revoked = true;
    if (this.flaw === 'an access token revokes its family') family.dead = true;
    return 'done';
  }

  private switch(one: Switched, disabled: boolean): Outcome {
    if (one.disabled === disabled) return 'done';
    one.disabled = disabled;
    return this.raise(one);
  }

  private raise(one: Switched): Outcome {
    one.gen += 1;
    return 'done';
  }

  private withdraw(person: number, client: number): Outcome {
    if (this.flaw !== 'a consent withdrawn changes nothing') this.withdrawn.add(this.consentOf(person, client));
    return 'done';
  }

  private cutOff(person: number, client: number): Outcome {
    for (const one of [...this.codes, ...this.families]) {
      if (one.client !== client || the(this.sessions, one.session).person !== person) continue;
      if ('void' in one) one.void ||= one.family === null && this.flaw !== 'a cut-off leaves codes that are out';
      else one.dead = true;
    }
    return 'done';
  }

  private consentOf(person: number, client: number): number {
    let number = person * CLIENTS.length + client;
    while (this.withdrawn.has(number)) number += PEOPLE.length * CLIENTS.length;
    return number;
  }

  private sessionLives(index: number): boolean {
    const { person, gen, at, ended } = the(this.sessions, index);
    return !ended && this.generationStands(the(this.people, person), gen, 'person') && this.now - at < TIMES.session;
  }

  private familyLives(family: Family): boolean {
    if (family.dead || this.withdrawn.has(family.consent)) return false;
    if (!this.generationStands(the(this.people, the(this.sessions, family.session).person), family.gen, 'person')) return false;
    if (family.offline) return this.flaw !== 'offline dies with the session' || this.sessionLives(family.session);
    return this.flaw === 'an end leaves online grants' || this.sessionLives(family.session);
  }

  private tokenLives(token: AccessToken): boolean {
    const family = the(this.families, token.family);
    if (token.revoked || !this.familyLives(family)) return false;
    if (this.now - token.at >= TIMES.accessToken && this.flaw !== 'an expired token is active') return false;
    return token.sealing === this.sealing && this.generationStands(the(this.clients, family.client), token.clientGen, 'client');
  }

  /** Generations, not states: what was killed stays dead after re-enabling. */
  private generationStands(one: Switched, gen: number, kind: 'person' | 'client'): boolean {
    return this.flaw === `a re-enabled ${kind} brings everything back` ? !one.disabled : one.gen === gen;
  }
}

function pick(number: number, among: readonly unknown[]): number | null {
  return among.length === 0 ? null : number % among.length;
}

function the<T>(among: readonly T[], index: number): T {
  const found = among[index];
  if (found === undefined) throw new Error(`nothing at ${index} of ${among.length}`);
  return found;
}
