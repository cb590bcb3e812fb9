import type { FormGuard } from '../cookies/form-guard.js';
import type { Visit } from './visits.js';

export const NOTICES = {
  'session-ended': 'Signed out on that device.',
  'session-gone': 'That device was signed out already.',
  'others-ended': 'Signed out on all your other devices.',
  'no-others': 'You were signed in on no other device.',
  'application-revoked': 'That application has no access to your account any more.',
  'password-changed': 'Your password is changed, and you are signed out on all your other devices.',
} as const;
export type NoticeName = keyof typeof NOTICES;

export interface Notice {
  readonly name: NoticeName;
  /** Every registered view refuses what hung from it. Otherwise the bound says until when at the latest. */
  readonly confirmed: boolean;
}

const SOON = '.soon';
const PURPOSE = 'account.notice';

/**
 * What was done is told on the page that the browser is sent on to. Sealed for this browser and this session, so that no link
 * from elsewhere can make the page say "signed out" when nobody was.
 */
export class Notices {
  constructor(
    private readonly guard: FormGuard,
    private readonly boundMs: number,
  ) {}

  query(visit: Visit, { name, confirmed }: Notice): string {
    const done = confirmed ? name : `${name}${SOON}`;
    const seal = this.guard.tokenFor(PURPOSE, this.about(visit, done), visit.browser);
    return new URLSearchParams({ done, seal }).toString();
  }

  /** null: none was sent, or not by us. */
  read(visit: Visit, done: string | undefined, seal: string | undefined): string | null {
    if (done === undefined || seal === undefined || !this.guard.matches(seal, PURPOSE, this.about(visit, done), visit.browser)) return null;
    const confirmed = !done.endsWith(SOON);
    const name = confirmed ? done : done.slice(0, -SOON.length);
    return Object.hasOwn(NOTICES, name) ? this.text({ name: name as NoticeName, confirmed }) : null;
  }

  text({ name, confirmed }: Notice): string {
    return confirmed ? NOTICES[name] : `${NOTICES[name]} ${this.soon()}`;
  }

  soon(): string {
    const seconds = Math.ceil(this.boundMs / 1_000);
    return `Applications may take up to ${seconds === 1 ? 'a second' : `${seconds} seconds`} to notice.`;
  }

  private about(visit: Visit, done: string): string {
    return `${visit.view.sid}\n${done}`;
  }
}
