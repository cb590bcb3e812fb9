import type { SessionView } from '#libs/contracts';
import { type Html, html } from '../../pages/html.js';
import { deviceName } from '../device-name.js';
import { ago, fullTime } from '../said-time.js';
import { csrfField } from './form.js';

export interface SessionsPage {
  readonly notice: Html | null;
  readonly csrf: string;
  readonly endOne: string;
  readonly endOthers: string;
  readonly endAll: string;
  readonly password: string;
  readonly current: SessionView;
  readonly others: readonly SessionView[];
  /** There are more than are shown. */
  readonly more: boolean;
  readonly now: number;
}

export function sessionsPage(page: SessionsPage): Html {
  const { notice, csrf, current, others, more } = page;
  return html`<h1>Where you are signed in</h1>
${notice}
<ul class="cards">
${line(page, current, true)}
${others.map((session) => line(page, session, false))}
</ul>
${more && html`<p class="soft">These are the ones seen last; there are more.</p>`}
<div class="actions">
${others.length > 0 && html`<form method="post" action="${page.endOthers}">${csrfField(csrf)}<button type="submit">Sign out on all other devices</button></form>`}
<form method="post" action="${page.endAll}">${csrfField(csrf)}<button type="submit" class="quiet">Sign out everywhere, here too</button></form>
</div>
<footer class="soft small"><p>If you don’t know a device, sign it out and <a href="${page.password}">change your password</a>.</p></footer>`;
}

function line(page: SessionsPage, session: SessionView, here: boolean): Html {
  const { sid, user_agent, ip, started_at, last_seen_at, remember } = session;
  const device = deviceName(user_agent);
  return html`<li class="card"><div class="row"><div>
<h2 id="device-${sid}">${device}${here && html` <span class="badge">this device</span>`}</h2>
<p class="soft small">${ip === null ? 'Address unknown' : html`Address <code>${ip}</code>`}${remember && ' · remembered'}</p>
<p class="soft small">Last seen ${ago(last_seen_at, page.now)}, signed in since <time datetime="${new Date(started_at).toISOString()}">${fullTime(started_at)}</time></p>
</div>
<form method="post" action="${page.endOne}">${csrfField(page.csrf)}<input type="hidden" name="sid" value="${sid}"><button type="submit" class="quiet compact" aria-describedby="device-${sid}">${here ? 'Sign out here' : 'Sign out'}</button></form>
</div></li>`;
}
