import { type Html, html } from '../../pages/html.js';
import type { Happening } from '../activity/happening.js';
import { ago, fullTime } from '../said-time.js';

export interface ActivityPage {
  readonly happenings: readonly Happening[];
  readonly older: string | null;
  readonly newest: string | null;
  readonly now: number;
}

export function activityPage({ happenings, older, newest, now }: ActivityPage): Html {
  return html`<h1>What has happened</h1>
<p class="soft">Sign-ins, attempts, changes and ends of your account, the latest first.</p>
${
  happenings.length === 0
    ? html`<p>Nothing is on record.</p>`
    : html`<ol class="cards log">${happenings.map(
        ({ at, what, more, bad }) =>
          html`<li class="card"><p><strong>${what}</strong>${bad && html` <span class="badge bad">not successful</span>`}</p>
<p class="soft small">${more.map((text) => html`${text} · `)}${ago(at, now)}, <time datetime="${new Date(at).toISOString()}">${fullTime(at)}</time></p></li>`,
      )}</ol>`
}
${(older !== null || newest !== null) && html`<p class="row">${newest !== null && html`<a href="${newest}">Newest</a>`}${older !== null && html`<a href="${older}" rel="next">Older</a>`}</p>`}`;
}
