import type { EndReason, ResponseOf, sessionApi } from '#libs/contracts';
import { deviceName } from '../device-name.js';
import type { Happening } from './happening.js';

type Ended = ResponseOf<typeof sessionApi.ended>['sessions'][number];

const WORDS: Readonly<Record<EndReason, string>> = {
  logout: 'Signed out',
  rp_logout: 'Signed out by way of an application',
  admin: 'Signed out by an administrator',
  idle_timeout: 'Sign-in ended: not used for a while',
  max_lifetime: 'Sign-in ended: its time was over',
  user_switch: 'Signed out: somebody else signed in there',
  password_changed: 'Signed out: the password was changed',
  subject_disabled: 'Signed out: the account was disabled',
  subject_revoked: 'Signed out: all access was taken back',
  session_limit: 'Signed out: too many devices at once',
  risk: 'Signed out: a risk was reported',
  restore: 'Signed out: the service was restored',
};

export function endedHappening({ ended_at, reason, user_agent, ip }: Ended): Happening {
  return { at: ended_at, what: WORDS[reason], more: [deviceName(user_agent), ...(ip ? [`address ${ip}`] : [])], bad: false };
}
