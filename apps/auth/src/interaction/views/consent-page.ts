import { CSRF_FIELD } from '../../cookies/form-guard.js';
import { Html, html } from '../../pages/html.js';

export interface ScopeLine {
  readonly name: string;
  readonly description: string;
  readonly ticked: boolean;
}

export interface ConsentPage {
  readonly action: string;
  readonly csrf: string;
  readonly client: string;
  readonly username: string;
  readonly fixed: readonly ScopeLine[];
  readonly optional: readonly ScopeLine[];
  /** null: not asked for. `days`: how long an unused permission lasts. */
  readonly offline: { readonly ticked: boolean; readonly days: number } | null;
  readonly links: readonly { readonly text: string; readonly href: string }[];
  readonly returnsTo: string;
}

const TICK = html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"><path d="M5 12.5l4.5 4.5L19 7.5"/></svg>`;

/** What is asked for, in the words of its descriptions; what may be kept back can be unticked (ASVS 10.7.2). */
export function consentPage(page: ConsentPage): Html {
  const { client, username, fixed, optional, offline, links } = page;
  return html`<h1><span>${client}</span> asks for your permission</h1>
<p class="soft">You are signed in as <strong>${username}</strong>.</p>
<form method="post" action="${page.action}">
<input type="hidden" name="${CSRF_FIELD}" value="${page.csrf}">
<fieldset>
<legend>It would be able to:</legend>
<ul class="scopes">
${fixed.map((scope) => html`<li class="fixed">${TICK}<span>${scope.description}</span></li>`)}
${optional.map((scope) => html`<li>${checkbox(scope.name, html`<span>${scope.description}</span>`, scope.ticked)}</li>`)}
</ul>
${offline && offlineWarning(client, offline)}
</fieldset>
<div class="actions">
<button type="submit" name="answer" value="allow">Allow</button>
<button type="submit" name="answer" value="deny" class="quiet">Deny</button>
</div>
</form>
<footer class="soft small"><p>You will return to <code>${page.returnsTo}</code></p>
${links.map((link) => html`<p><a href="${link.href}" rel="noreferrer noopener">${link.text}</a></p>`)}</footer>`;
}

/** The one permission that outlives the session: nobody may overlook it. */
function offlineWarning(client: string, { ticked, days }: { ticked: boolean; days: number }): Html {
  return html`<div class="warning">
${checkbox('offline_access', html`<span><strong>Keep access when you are not here</strong></span>`, ticked, 'offline-text')}
<p id="offline-text" class="small"><strong>Take care:</strong> ${client} could act for you at any time, also after you have signed out, until you take this permission back or it has not been used for ${days} days. Signing out does not end it.</p>
</div>`;
}

function checkbox(name: string, text: Html, ticked: boolean, describedBy?: string): Html {
  const id = `scope-${name}`;
  return html`<label class="check" for="${id}"><input type="checkbox" id="${id}" name="scope" value="${name}"${ticked && html` checked`}${describedBy && html` aria-describedby="${describedBy}"`}>${text}</label>`;
}
