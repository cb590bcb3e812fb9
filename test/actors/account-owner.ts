import { decided } from './decided.js';
import type { HtmlForm } from './html-form.js';
import type { Person } from './sign-in.js';
import { type Page, UserAgent } from './user-agent.js';

const NOWHERE = () => false;

/** A person at their account pages, in a browser without script: opens pages, presses buttons, types the password when asked. */
export class AccountOwner {
  readonly agent: UserAgent;

  constructor(
    private readonly issuer: string,
    private readonly person: Person,
    agent: UserAgent = new UserAgent(),
  ) {
    this.agent = agent;
  }

  /** Signs in on the way if it must; told 503 on the way, starts again. */
  async open(path: string, userAgent?: string): Promise<Page> {
    const page = await this.look(path);
    if (!page.url.pathname.endsWith('/sign-in')) return page;
    const [form] = this.agent.forms(page);
    if (!form) throw new Error(`no form at ${page.url.href}`);
    const there = await this.signIn(page, form, userAgent);
    return there.status === 503 ? this.open(path, userAgent) : there;
  }

  private signIn(page: Page, form: HtmlForm, userAgent: string | undefined): Promise<Page> {
    if (userAgent === undefined) return this.agent.submit(page, form, { ...this.person }, NOWHERE);
    const fields = Object.fromEntries([...form.fields].map(([name, [value = '']]) => [name, value]));
    const body = new URLSearchParams({ ...fields, ...this.person });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': userAgent };
    return this.agent.open(new URL(form.action), NOWHERE, { method: 'POST', body: body.toString(), headers });
  }

  /** Reloads while it reads "Not available at the moment". */
  look(path: string): Promise<Page> {
    return decided(() => this.agent.open(`${this.issuer}${path}`));
  }

  /** The form whose address ends so; `holding` tells several apart. */
  form(page: Page, action: string, holding = ''): HtmlForm {
    const found = this.agent
      .forms(page)
      .find((form) => form.action.endsWith(action) && [...form.fields.values()].flat().some((value) => value.includes(holding)));
    if (!found) throw new Error(`no form to ${action} ${holding} at ${page.url.href} (${page.status})\n${page.body.slice(0, 3_000)}`);
    return found;
  }

  press(page: Page, action: string, values: Record<string, string | null> = {}, holding = ''): Promise<Page> {
    return this.agent.submit(page, this.form(page, action, holding), values, NOWHERE);
  }

  /** The value of the session cookie. */
  get cookie(): string | undefined {
    return [...this.agent.cookies()].find(([name]) => name.includes('lanyard-session-'))?.[1];
  }
}

export function titleOf(page: Page): string {
  return /<title>([^<]*)<\/title>/.exec(page.body)?.[1] ?? '';
}

export function textOf(page: Page): string {
  const body = page.body.slice(page.body.indexOf('<main'));
  return body
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&#39;', "'");
}
