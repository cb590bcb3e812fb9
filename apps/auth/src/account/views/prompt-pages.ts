import { type Html, html } from '../../pages/html.js';
import { alertLine, csrfField, hiddenFields, usernameForManagers } from './form.js';

/** The form of an action, once more: with everything it was sent with, but never a password. */
export interface Repeated {
  readonly action: string;
  readonly csrf: string;
  readonly fields: Readonly<Record<string, string>>;
  /** What is about to be done, as the button says it. */
  readonly what: string;
  readonly back: string;
}

/** ASVS 7.5.1, 7.5.2: a cookie alone does not end sessions or take permissions back when the login is old. */
export function confirmItIsYou({ action, csrf, fields, what, back }: Repeated, username: string, error: string | null): Html {
  const invalid = error ? html` aria-invalid="true" aria-describedby="error"` : '';
  return html`<h1>Please confirm that it is you</h1>
<p class="soft">It is a while since you signed in. With your password this goes on: <strong>${what}</strong>.</p>
${alertLine(error)}
<form method="post" action="${action}" class="narrow">
${csrfField(csrf)}${hiddenFields(fields)}${usernameForManagers(username)}
<div class="field"><label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" maxlength="1024" required autofocus${invalid}></div>
<div class="actions">
<button type="submit">${what}</button>
<a class="button quiet" href="${back}">Cancel</a>
</div>
</form>`;
}

/** Nothing is claimed: what was asked for may have been done by half, and asking again goes on from there. */
export function notDone({ action, csrf, fields, what, back }: Repeated): Html {
  return html`<h1>This is not done yet</h1>
<p class="alert" role="alert">A part of this service does not answer at the moment, so we can’t say that it is done: ${what}.</p>
<p>Please try again. What was done already is not done twice.</p>
<form method="post" action="${action}" class="narrow">
${csrfField(csrf)}${hiddenFields(fields)}
<div class="actions">
<button type="submit" autofocus>Try again</button>
<a class="button quiet" href="${back}">Back</a>
</div>
</form>`;
}

/** `offline`: what goes on, or does not, for applications that keep access. */
export function signedOutHere(signInAgain: string, what: string, offline: string): Html {
  return html`<h1 tabindex="-1">You are signed out</h1>
<p role="status">${what}</p>
<p class="soft">${offline}</p>
<div class="actions"><a class="button quiet" href="${signInAgain}">Sign in again</a></div>`;
}
