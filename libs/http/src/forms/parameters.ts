import { oauthError } from '#libs/protocol';

export interface ParameterRules {
  /** Names that may come more than once: `resource` (RFC 8707 §2) and `audience` (RFC 8693 §2.1) always may. */
  readonly repeatable?: readonly string[];
  /** Leave duplicates to the caller, who asks `duplicates()`: the authorization endpoint must know the redirect URI first. */
  readonly keepDuplicates?: boolean;
}

const ALWAYS_REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience']);
const MAX_PARAMETERS = 200;

/**
 * The parameters of one request, from a query or a form. Values are decoded strictly: bad percent-encoding, bytes that are no UTF-8
 * and NUL are refused, since a lenient reading is where two parsers start to disagree. A parameter without a value counts as
 * omitted and none may come twice (RFC 6749 §3.1, §3.2).
 */
export class Parameters {
  private constructor(
    private readonly values: ReadonlyMap<string, readonly string[]>,
    private readonly repeatable: ReadonlySet<string>,
  ) {}

  static readonly EMPTY = new Parameters(new Map(), ALWAYS_REPEATABLE);

  static parse(encoded: string, rules: ParameterRules = {}): Parameters {
    const values = new Map<string, string[]>();
    const repeatable = rules.repeatable ? new Set([...ALWAYS_REPEATABLE, ...rules.repeatable]) : ALWAYS_REPEATABLE;
    let count = 0;
    let repeated = false;
    for (const pair of encoded.split('&')) {
      if (pair === '') continue;
      if (++count > MAX_PARAMETERS) throw oauthError('invalid_request', { description: 'too many parameters' });
      const cut = pair.indexOf('=');
      const name = decode(cut === -1 ? pair : pair.slice(0, cut));
      const value = cut === -1 ? '' : decode(pair.slice(cut + 1));
      const list = values.get(name);
      if (!list) values.set(name, [value]);
      else repeated = list.push(value) > 1;
    }
    const parameters = new Parameters(values, repeatable);
    if (repeated && !rules.keepDuplicates) parameters.refuseDuplicates();
    return parameters;
  }

  static of(record: Readonly<Record<string, string | readonly string[]>>): Parameters {
    return new Parameters(
      new Map(Object.entries(record).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
      ALWAYS_REPEATABLE,
    );
  }

  /** The value; undefined when omitted, empty or given more than once. */
  get(name: string): string | undefined {
    const list = this.values.get(name);
    return list?.length === 1 && list[0] !== '' ? list[0] : undefined;
  }

  getAll(name: string): string[] {
    return (this.values.get(name) ?? []).filter((value) => value !== '');
  }

  /** Sent with a value, once or more often. */
  has(name: string): boolean {
    return this.getAll(name).length > 0;
  }

  *entries(): IterableIterator<[string, string]> {
    for (const [name, list] of this.values) for (const value of list) if (value !== '') yield [name, value];
  }

  names(): string[] {
    return [...this.values.keys()];
  }

  duplicates(): string[] {
    return [...this.values].filter(([name, list]) => list.length > 1 && !this.repeatable.has(name)).map(([name]) => name);
  }

  refuseDuplicates(): void {
    const [first] = this.duplicates();
    if (first !== undefined)
      throw oauthError('invalid_request', {
        description: 'a parameter was sent more than once',
        detail: 'duplicate parameter',
      });
  }
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  const value = spaced.includes('%') ? percentDecoded(spaced) : spaced;
  if (value.includes('\0')) throw oauthError('invalid_request', { description: 'a parameter contains a NUL character' });
  return value;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw oauthError('invalid_request', { description: 'a parameter is not valid percent-encoded UTF-8' });
  }
}
