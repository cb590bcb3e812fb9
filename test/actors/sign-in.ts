import type { HtmlForm } from './html-form.js';
import type { Page, UserAgent } from './user-agent.js';

export interface Person {
  readonly username: string;
  readonly password: string;
}

export interface SignInOptions {
  readonly remember?: boolean;
  /** What the person does on the consent page. */
  readonly consent?: 'allow' | 'deny';
  /** Optional scopes left unticked; everything else that can be ticked is. */
  readonly untick?: readonly string[];
}

const ALLOW = /allow|agree|accept|approve|yes/i;
const DENY = /deny|cancel|decline|no\b/i;

/**
 * From the authorization request to the address at the client, through whatever pages come: login, then consent. Answers with the
 * page that it could not go on from, when there is one (a throttled login, an error page).
 */
export async function signIn(
  agent: UserAgent,
  authorize: URL,
  person: Person,
  atClient: (url: URL) => boolean,
  options: SignInOptions = {},
): Promise<Page> {
  let page = await agent.open(authorize, atClient);
  for (let step = 0; step < 6; step++) {
    if (atClient(page.url) || page.status !== 200) return page;
    const next = nextStep(agent.forms(page), person, options);
    if (!next) return page;
    const [form, values] = next;
    page = await agent.submit(page, form, values, atClient);
  }
  return page;
}

function nextStep(
  forms: readonly HtmlForm[],
  person: Person,
  options: SignInOptions,
): [HtmlForm, Record<string, string | string[]>] | null {
  for (const form of forms) {
    const password = form.inputs.find(({ type }) => type === 'password');
    if (password) return [form, login(form, password.name, person, options)];
    const wanted = options.consent === 'deny' ? DENY : ALLOW;
    const button = form.buttons.find(({ value, text }) => wanted.test(value) || wanted.test(text));
    if (button) return [form, { ...ticked(form, options), ...(button.name ? { [button.name]: button.value } : {}) }];
  }
  return null;
}

function ticked(form: HtmlForm, { untick = [] }: SignInOptions): Record<string, string[]> {
  const boxes: Record<string, string[]> = {};
  for (const { type, name, value } of form.inputs) {
    if (type === 'checkbox') boxes[name] = [...(boxes[name] ?? []), ...(untick.includes(value) ? [] : [value])];
  }
  return boxes;
}

function login(form: HtmlForm, password: string, person: Person, options: SignInOptions): Record<string, string> {
  const name = form.inputs.find(({ type, name }) => (type === 'text' || type === 'email') && name)?.name ?? 'username';
  const remember = form.inputs.find(({ type }) => type === 'checkbox');
  return {
    [name]: person.username,
    [password]: person.password,
    ...(options.remember && remember ? { [remember.name]: remember.value } : {}),
  };
}
