import type { InProcessServices, StoryOverrides } from '#libs/testing';
import { STORY, secretOf } from '#libs/testing';
import { decided } from '../../actors/decided.js';
import { type Answer, answerOf, basic } from '../../actors/raw-client.js';
import { CALLBACK, challengeOf, newVerifier, Stage } from '../stage.js';
import type { MadeUp } from './grammar.js';
import { GRANTED } from './model.js';

const ID = { shop: 'photo-shop', book: 'photo-book', viewer: 'photo-viewer', press: 'print-press' } as const;
const SCOPE = GRANTED.join(' ');
/** The clients may all have the same scopes, so that only what the request says makes a difference. */
export const CONFIG: StoryOverrides = {
  clients: ['photo-shop', 'photo-book', 'photo-viewer'].map((client_id) => ({ client_id, scope: SCOPE })),
  apis: [{ identifier: 'https://elsewhere.example/api', access_token_format: 'opaque', scopes: { 'elsewhere:read': 'Nothing here' } }],
};

/** What the request showed, and with what its owner can be asked for it afterwards. */
export interface Asked {
  readonly answer: Answer;
  /** The owner uses what it has: the status. null: nothing was shown. */
  readonly usable: () => Promise<boolean | null>;
}

/** Turns a made-up request into HTTP, with a fresh code or family for each. */
export class Asking {
  private readonly stage: Stage;
  private person: Promise<{ sub: string; sid: string }> | undefined;

  constructor(services: InProcessServices) {
    this.stage = new Stage(services);
  }

  async ask(asked: MadeUp): Promise<Asked> {
    const verifier = newVerifier();
    const owner = asked.artefact === 'of another client' || asked.caller === 'press' ? other(asked.caller) : asked.caller;
    const code = await this.code(owner, asked.withChallenge ? verifier : null);
    const right = { code_verifier: asked.withChallenge ? verifier : '', redirect_uri: CALLBACK };
    const redeem = () => this.post(ID[owner], { grant_type: 'authorization_code', code, ...right });
    const refresh = (token: string) => this.post(ID[owner], { grant_type: 'refresh_token', refresh_token: token });
    const spent = asked.artefact === 'spent';
    let shown = code;
    let usable: () => Promise<Answer> = redeem;
    if (asked.grantType === 'refresh_token' || spent) {
      const first = token(await redeem());
      let latest = first;
      if (asked.grantType === 'refresh_token') {
        if (spent) latest = token(await refresh(token(await refresh(first))));
        shown = first;
      }
      usable = () => refresh(latest);
    }
    const answer = await this.send(asked, shown, verifier);
    return { answer, usable: async () => (asked.grantType === 'client_credentials' ? null : (await usable()).status === 200) };
  }

  private send(asked: MadeUp, shown: string, verifier: string): Promise<Answer> {
    const form = new URLSearchParams({ grant_type: asked.grantType, ...this.artefact(asked, shown), ...extras(asked, verifier) });
    for (const resource of resourcesOf(asked)) form.append('resource', resource);
    if (asked.noise === 'grant_type twice') form.append('grant_type', asked.grantType);
    if (asked.noise === 'code twice') for (const value of [shown, shown]) form.append('code', value);
    if (asked.noise === 'empty values') form.append('nonsense', '');
    if (asked.noise === 'unknown parameter') form.append('nonsense', 'yes');
    const headers = this.identify(asked, form);
    const url = `${this.stage.world.url('token')}/token${asked.noise === 'in the query' ? '?scope=prints%3Aorder&code=other' : ''}`;
    if (asked.transport === 'get') return fetch(url, { headers }).then(answerOf);
    const type = { form: 'application/x-www-form-urlencoded', json: 'application/json', text: 'text/plain' }[asked.transport];
    const body = asked.transport === 'json' ? JSON.stringify(Object.fromEntries(form)) : form.toString();
    return fetch(url, { method: 'POST', headers: { ...headers, 'content-type': type }, body }).then(answerOf);
  }

  private artefact({ grantType, artefact }: MadeUp, shown: string): Record<string, string> {
    if (artefact === 'missing') return {};
    const text = artefact === 'altered' ? flipped(shown) : artefact === 'truncated' ? shown.slice(0, -2) : shown;
    return grantType === 'refresh_token' ? { refresh_token: text } : grantType === 'authorization_code' ? { code: text } : {};
  }

  private identify({ caller, authentication }: MadeUp, form: URLSearchParams): Record<string, string> {
    const id = authentication === 'disabled client' ? 'photo-backup' : ID[caller];
    const secret =
      authentication === 'wrong secret' ? 'x'.repeat(40) : authentication === 'secret of another' ? secretOf('gateway') : secretOf(id);
    if (authentication === 'none') return {};
    if (authentication === 'name only' || (caller === 'viewer' && authentication === 'right')) form.set('client_id', id);
    else if (authentication === 'post')
      for (const [name, value] of Object.entries({ client_id: id, client_secret: secret })) form.set(name, value);
    else {
      if (authentication === 'both')
        for (const [name, value] of Object.entries({ client_id: id, client_secret: secret })) form.set(name, value);
      return { authorization: basic(id, secret) };
    }
    return {};
  }

  private async code(owner: keyof typeof ID, verifier: string | null): Promise<string> {
    this.person ??= this.stage.subOf(STORY.jane.username).then(async (sub) => ({ sub, sid: await this.stage.session(sub) }));
    const challenge = verifier === null ? null : challengeOf(verifier);
    return this.stage.code({ client: ID[owner], ...(await this.person), scope: GRANTED, mode: 'online', challenge });
  }

  private async post(id: string, form: Record<string, string>): Promise<Answer> {
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (id !== ID.viewer) headers.authorization = basic(id, secretOf(id));
    const body = new URLSearchParams({ ...(id === ID.viewer ? { client_id: id } : {}), ...form }).toString();
    return decided(async () => answerOf(await fetch(`${this.stage.world.url('token')}/token`, { method: 'POST', headers, body })));
  }
}

const other = (caller: MadeUp['caller']) => (caller === 'shop' ? 'book' : 'shop');

function token({ status, body }: Answer): string {
  if (status !== 200) throw new Error(`no family to begin with: ${status} ${JSON.stringify(body)}`);
  return String(body.refresh_token);
}

const flipped = (text: string) => `${text.slice(0, -6)}${text.at(-6) === 'A' ? 'B' : 'A'}${text.slice(-5)}`;

function extras(asked: MadeUp, verifier: string): Record<string, string> {
  const scope = { unsaid: null, empty: '', subset: 'photos:read', twice: 'photos:read photos:read' };
  const beyond = { superset: 'photos:read photos:write', unknown: 'photos:read nothing', malformed: 'photos:read "' };
  const verifiers = { right: verifier, wrong: newVerifier(), 'too short': verifier.slice(0, 42), missing: null };
  const redirects = { right: CALLBACK, other: 'http://localhost:4091/callback', 'written differently': `${CALLBACK}/`, missing: null };
  const said = {
    scope: { ...scope, ...beyond }[asked.scope],
    ...(asked.grantType === 'authorization_code'
      ? { code_verifier: verifiers[asked.verifier], redirect_uri: redirects[asked.redirectUri] }
      : {}),
  };
  return Object.fromEntries(Object.entries(said).filter((pair): pair is [string, string] => pair[1] !== null));
}

function resourcesOf({ resource }: MadeUp): string[] {
  const names = { unsaid: [], photos: [STORY.photosApi], 'prints and photos': [STORY.printsApi, STORY.photosApi] };
  return { ...names, 'not granted': ['https://elsewhere.example/api'], unknown: ['https://nowhere.example/'] }[resource];
}
