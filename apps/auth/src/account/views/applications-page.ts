import { type Html, html } from '../../pages/html.js';
import type { Application } from '../applications/list-applications.js';
import { ago, dayOf } from '../said-time.js';
import { csrfField } from './form.js';

export interface ApplicationsPage {
  readonly notice: Html | null;
  readonly csrf: string;
  readonly revoke: string;
  readonly applications: readonly Application[];
  readonly now: number;
}

export function applicationsPage(page: ApplicationsPage): Html {
  const { notice, applications } = page;
  return html`<h1>Your applications</h1>
<p class="soft">What may use your account, and what for. To change what one of them may do, remove its access: it asks again when you use it.</p>
${notice}
${
  applications.length === 0
    ? html`<p>No application has access to your account.</p>`
    : html`<ul class="cards">${applications.map((application, index) => line(page, application, `app-${index}`))}</ul>`
}`;
}

function line(page: ApplicationsPage, application: Application, id: string): Html {
  const { clientId, name, scopes, since, lastUsedAt, offlineSince, own, unfinished } = application;
  return html`<li class="card"><div class="row"><div>
<h2 id="${id}">${name}</h2>
<p class="soft small">Since ${dayOf(since)}${lastUsedAt !== null && html`, last used ${ago(lastUsedAt, page.now)}`}</p>
</div>
<form method="post" action="${page.revoke}">${csrfField(page.csrf)}<input type="hidden" name="client_id" value="${clientId}"><button type="submit" class="quiet compact" aria-describedby="${id}">${unfinished ? 'Try again to remove access' : 'Remove access'}</button></form>
</div>
${unfinished && html`<p class="alert" role="alert">You removed its access, but a part of this service has not answered yet. It may still have some.</p>`}
${scopes.length > 0 && html`<ul class="plain">${scopes.map((description) => html`<li>${description}</li>`)}</ul>`}
${offlineSince !== null && html`<p class="warning small"><strong>Keeps access when you are not here</strong>, since ${dayOf(offlineSince)}. Signing out does not end it.</p>`}
${own && html`<p class="soft small">This one belongs to the service itself: when you use it again while you are signed in, it does not ask.</p>`}
</li>`;
}
