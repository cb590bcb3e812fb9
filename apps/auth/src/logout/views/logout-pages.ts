import { CSRF_FIELD } from '../../cookies/form-guard.js';
import { type Html, html } from '../../pages/html.js';

export interface LogoutForm {
  readonly action: string;
  readonly csrf: string;
  readonly client: string | null;
  readonly username: string | null;
  readonly account: string | null;
}

export function confirmPage({ action, csrf, client, username, account }: LogoutForm): Html {
  return html`<h1>Do you want to sign out?</h1>
${username && html`<p class="soft">You are signed in as <strong>${username}</strong>.</p>`}
${client && html`<p><strong>${client}</strong> asks to sign you out.</p>`}
<p>You will be signed out here and of every application you entered with this sign-in on this device.</p>
<form method="post" action="${action}">
<input type="hidden" name="${CSRF_FIELD}" value="${csrf}">
<div class="actions">
<button type="submit" name="answer" value="yes" autofocus>Sign out</button>
<button type="submit" name="answer" value="no" class="quiet">Stay signed in</button>
</div>
</form>
${account && html`<footer class="soft small"><p><a href="${account}">Your account</a>: your other devices, and what applications may do</p></footer>`}`;
}

export function signedOutPage(back: { readonly href: string; readonly client: string } | null): Html {
  return html`<h1 tabindex="-1">You are signed out</h1>
<p role="status">Your session here has ended, and the applications you used in it have been told.</p>
<p class="soft">Permissions you gave for the time when you are not here go on.</p>
${back && html`<div class="actions"><a class="button quiet" href="${back.href}" rel="noreferrer noopener">Return to ${back.client}</a></div>`}`;
}

export function staySignedInPage(back: { readonly href: string; readonly client: string } | null, account: string): Html {
  return html`<h1 tabindex="-1">You are still signed in</h1>
<p role="status">Nothing was changed.</p>
<div class="actions">${back && html`<a class="button quiet" href="${back.href}" rel="noreferrer noopener">Return to ${back.client}</a>`}
<a class="button quiet" href="${account}">Your account</a></div>`;
}

/** Never "signed out" when it isn't true (DESIGN, Decided). */
export function notSignedOutPage(form: Pick<LogoutForm, 'action' | 'csrf'> | null): Html {
  return html`<h1>You are not signed out yet</h1>
<p class="alert" role="alert">Your session could not be ended, because a part of this service does not answer at the moment.</p>
<p>Please try again. If it goes on, do not leave this device to others.</p>
${
  form
    ? html`<form method="post" action="${form.action}">
<input type="hidden" name="${CSRF_FIELD}" value="${form.csrf}">
<div class="actions"><button type="submit" name="answer" value="yes" autofocus>Try again</button></div>
</form>`
    : html`<p class="soft">Reload this page to try again.</p>`
}`;
}
