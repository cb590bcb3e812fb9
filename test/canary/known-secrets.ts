/** What kinds there are; a kind may have places where it belongs by design. */
export type Kind =
  | 'password'
  | 'client secret'
  | 'authorization code'
  | 'PKCE verifier'
  | 'state'
  | 'nonce'
  | 'cookie'
  | 'handle'
  | 'form token'
  | 'access token'
  | 'refresh token'
  | 'id token'
  | 'logout token'
  | 'service token'
  | 'key of the environment'
  | 'database password';

export interface Secret {
  readonly kind: Kind;
  readonly value: string;
  /** The exchanges whose answer is where it was given to its owner. */
  readonly givenIn: Set<number>;
}

const WINDOW = 16;

/** Everything that must not be found again. Each is known by sixteen characters of its beginning, middle and end, in every form. */
export class KnownSecrets {
  readonly all = new Map<string, Secret>();

  add(kind: Kind, value: string | null | undefined, givenIn?: number): void {
    if (!value || value.length < WINDOW) return;
    const known = this.all.get(value) ?? { kind, value, givenIn: new Set<number>() };
    if (givenIn !== undefined) known.givenIn.add(givenIn);
    this.all.set(value, known);
  }

  ofKind(kind: Kind): string[] {
    return [...this.all.values()].filter((secret) => secret.kind === kind).map(({ value }) => value);
  }

  givenIn(exchange: number): string[] {
    return [...this.all.values()].filter(({ givenIn }) => givenIn.has(exchange)).map(({ value }) => value);
  }

  windows(): Map<string, Secret[]> {
    const windows = new Map<string, Secret[]>();
    for (const secret of this.all.values()) {
      for (const part of secretParts(secret)) {
        for (const form of formsOf(part)) {
          for (const start of [0, Math.floor((form.length - WINDOW) / 2), form.length - WINDOW]) {
            const window = form.slice(start, start + WINDOW);
            if (window.length < WINDOW) continue;
            const owners = windows.get(window) ?? [];
            if (!owners.includes(secret)) windows.set(window, [...owners, secret]);
          }
        }
      }
    }
    return windows;
  }
}

/** Whose pieces stand in a text, a list for each piece: alike ones have several owners. One pass, whatever the number of secrets. */
export function piecesIn(text: string, windows: ReadonlyMap<string, Secret[]>): ReadonlySet<Secret[]> {
  const found = new Set<Secret[]>();
  for (let at = 0; at + WINDOW <= text.length; at++) {
    const owners = windows.get(text.slice(at, at + WINDOW));
    if (owners) found.add(owners);
  }
  return found;
}

/** Of a signed or sealed one the header and the claims are no secret, and alike in all; the signature, the ciphertext and the tag are. */
function secretParts({ kind, value }: Secret): string[] {
  const segments = value.split('.');
  if (segments.length === 5) return segments.slice(3);
  if (segments.length === 3) return segments.slice(2);
  // Names of grant and session, then 32 bytes of MAC.
  if (kind === 'refresh token') return [value.slice(-40)];
  return [value.replace(/^lanyard_[a-z]+_/, '')];
}

function formsOf(part: string): string[] {
  const bytes = Buffer.from(part);
  const forms = new Set([part, encodeURIComponent(part), encodeURIComponent(part).replaceAll('%20', '+'), bytes.toString('hex')]);
  // base64 of a text that begins anywhere: three alignments, without the characters that the neighbours share in.
  for (const before of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    for (const encoding of ['base64', 'base64url'] as const)
      forms.add(
        shifted
          .toString(encoding)
          .replaceAll('=', '')
          .slice(before === 0 ? 0 : 4, -3),
      );
  }
  // A column of bytes that holds what the text encodes.
  if (/^[A-Za-z0-9_-]{22,}$/.test(part)) forms.add(Buffer.from(part, 'base64url').toString('hex'));
  return [...forms];
}
