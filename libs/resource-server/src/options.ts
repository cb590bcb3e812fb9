import { type Clock, systemClock } from '#libs/revocation';

export interface ResourceServerOptions {
  /** As the server writes it, byte for byte. */
  readonly issuer: string;
  /** This API, as tokens name it in `aud`. */
  readonly audience: string;
  /** Of a confidential client with `resource_server_for`, by client_secret_basic. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly freshness?: {
    /** X, in milliseconds, 500 to 30,000; 2,000 by default: after the end of a session is acknowledged, no token of it is accepted for longer. */
    readonly boundMs?: number;
    /** What to do with a token while nothing proves how current the copy is: ask the server about each (default), or answer 503. */
    readonly otherwise?: 'introspect' | 'refuse';
    /** How often that is proven anew, in milliseconds: 50 to half the bound; 500 by default, or less where the bound is. */
    readonly probeEveryMs?: number;
  };
  /** PEM certificates: by whom the server's has to be, instead of by one of those that Node trusts. For a CA of one's own. */
  readonly ca?: string;
  /** Of the challenges (RFC 6750 §3). None by default. */
  readonly realm?: string;
  /** What went wrong and will be tried again: for the log. No token and no secret is in it. */
  readonly onTrouble?: (message: string, error: unknown) => void;
  readonly clock?: Clock;
}

/** The options as they hold: every one there, every one possible. */
export interface Settings {
  readonly issuer: string;
  readonly audience: string;
  readonly realm: string | undefined;
  readonly ca: string | undefined;
  /** The header that names us to the server. */
  readonly authorization: string;
  readonly boundMs: number;
  readonly otherwise: 'introspect' | 'refuse';
  readonly probeEveryMs: number;
  readonly clock: Clock;
  readonly onTrouble: (message: string, error: unknown) => void;
}

const BOUND_MS = 2_000;
const LEAST_BOUND_MS = 500;
/** Also the longest that a server may be told to have (`freshness_bound_ms`). */
export const LONGEST_BOUND_MS = 30_000;
const PROBE_EVERY_MS = 500;
const LEAST_PROBE_MS = 50;

/** Throws what an operator has to mend. A policy that is misspelt must not become the default one. */
export function settingsOf({
  issuer,
  audience,
  credentials,
  freshness = {},
  realm,
  ca,
  onTrouble,
  clock,
}: ResourceServerOptions): Settings {
  const { boundMs = BOUND_MS, otherwise = 'introspect' } = freshness;
  const { probeEveryMs = Math.min(PROBE_EVERY_MS, boundMs / 4) } = freshness;
  need(isText(issuer) && URL.canParse(issuer), 'issuer is the URL of the server');
  need(isText(audience), 'audience is the identifier of this API');
  need(isText(credentials?.clientId) && isText(credentials.clientSecret), 'credentials are a clientId and a clientSecret');
  need(boundMs >= LEAST_BOUND_MS && boundMs <= LONGEST_BOUND_MS, `freshness.boundMs is ${LEAST_BOUND_MS} to ${LONGEST_BOUND_MS}`);
  need(probeEveryMs >= LEAST_PROBE_MS && probeEveryMs <= boundMs / 2, `freshness.probeEveryMs is ${LEAST_PROBE_MS} to half of boundMs`);
  need(otherwise === 'introspect' || otherwise === 'refuse', "freshness.otherwise is 'introspect' or 'refuse'");
  need(realm === undefined || /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(realm), 'realm is ASCII without quotes');
  need(ca === undefined || (isText(ca) && ca.includes('-----BEGIN CERTIFICATE-----')), 'ca is PEM');
  const authorization = basic(credentials.clientId, credentials.clientSecret);
  const told = quietly(onTrouble);
  return { issuer, audience, realm, ca, authorization, boundMs, otherwise, probeEveryMs, clock: clock ?? systemClock, onTrouble: told };
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`createResourceServer: ${what}`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basic(clientId: string, clientSecret: string): string {
  const encoded = [clientId, clientSecret].map((text) => new URLSearchParams({ t: text }).toString().slice(2));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

/** A logger that throws must not end the feed. */
function quietly(onTrouble: ResourceServerOptions['onTrouble']): Settings['onTrouble'] {
  return (message, error) => {
    try {
      onTrouble?.(message, error);
    } catch {
      // It was told; what becomes of that is the listener's.
    }
  };
}
