import type { SessionView } from '#libs/contracts';
import { type OAuthError, oauthError } from '#libs/protocol';
import type { AuthorizationRequest } from '../authorize/authorization-request.js';
import { type ConsentQuestion, consentNeeded } from './consent-needed.js';
import { type Granted, grantOf } from './grant-of.js';
import type { Situation } from './situation.js';

export type Decision =
  | { readonly next: 'login' }
  | { readonly next: 'consent'; readonly question: ConsentQuestion }
  | { readonly next: 'finish'; readonly session: SessionView; readonly granted: Granted }
  | { readonly next: 'refuse'; readonly error: OAuthError };

/** What happens next, from what is known now. Pure: asked again after every step, it needs no memory of where it was. */
export function decide(situation: Situation): Decision {
  const { request, session, login } = situation;
  const silent = request.prompt.includes('none');
  const signedInHere = session !== null && login?.sid === session.view.sid;

  if (!session || mustSignInAgain(request, session, signedInHere)) {
    return silent ? refuse('login_required') : { next: 'login' };
  }
  if (request.hinted_sub !== null && request.hinted_sub !== session.view.sub) {
    // OIDC Core §3.1.2.1: nobody but the person of id_token_hint gets an answer. They may sign in once; another one may not.
    return silent || signedInHere ? refuse('login_required') : { next: 'login' };
  }
  const question = consentNeeded(situation, session.view.sub);
  if (question) return silent ? refuse('consent_required') : { next: 'consent', question };
  const granted = grantOf(situation, session.view.sub);
  return granted.scope.length === 0 ? refuse('access_denied') : { next: 'finish', session: session.view, granted };
}

/** prompt and max_age concern this request only: a login inside this interaction answers them, an older one does not. */
function mustSignInAgain(request: AuthorizationRequest, session: NonNullable<Situation['session']>, signedInHere: boolean): boolean {
  if (signedInHere) return false;
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return true;
  return request.max_age !== null && session.now - session.view.auth_time > request.max_age * 1000;
}

function refuse(name: 'login_required' | 'consent_required' | 'access_denied'): Decision {
  return { next: 'refuse', error: oauthError(name) };
}
