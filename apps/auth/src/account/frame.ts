import type { FastifyReply } from 'fastify';
import { type Html, html } from '../pages/html.js';
import { sendPage } from '../pages/send-page.js';
import { ACCOUNT_PAGES, type AccountAddresses, type AccountPage } from './account-page.js';
import { csrfField } from './views/form.js';
import type { Visit } from './visits.js';

interface Framed {
  readonly page: AccountPage;
  readonly body: Html;
  /** Default: the page's own. */
  readonly title?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const SHORT: Readonly<Record<AccountPage, string>> = {
  overview: 'Overview',
  sessions: 'Devices',
  applications: 'Applications',
  password: 'Password',
  activity: 'Activity',
};

/** What surrounds each page of a signed-in person: the way to the others, and the way out (ASVS 7.4.4). */
export class Frame {
  constructor(
    private readonly site: string,
    private readonly addresses: AccountAddresses,
  ) {}

  send(reply: FastifyReply, visit: Visit, { page, body, title = ACCOUNT_PAGES[page].title, status, headers }: Framed): void {
    const full = html`${this.header(visit, page)}${body}`;
    sendPage(reply, {
      site: this.site,
      title,
      body: full,
      wide: true,
      posts: 'here',
      ...(status === undefined ? {} : { status }),
      ...(headers ? { headers } : {}),
    });
  }

  /** For nobody in particular: the session is over. */
  sendBare(reply: FastifyReply, title: string, body: Html): void {
    sendPage(reply, { site: this.site, title, body });
  }

  private header(visit: Visit, current: AccountPage): Html {
    const link = (page: AccountPage) =>
      html`<li><a href="${this.addresses.of(page)}"${page === current && html` aria-current="page"`}>${SHORT[page]}</a></li>`;
    return html`<div class="row who"><p class="soft">Signed in as <strong>${visit.user.username}</strong></p>
<form method="post" action="${this.addresses.action('/sign-out')}">${csrfField(visit.csrf)}<button type="submit" class="quiet compact">Sign out</button></form></div>
<nav aria-label="Your account"><ul>${(Object.keys(ACCOUNT_PAGES) as AccountPage[]).map(link)}</ul></nav>
`;
  }
}
