import { ERRORS, type ErrorName } from './error-catalogue.js';

export interface ErrorOptions {
  /** Replaces the catalogue's sentence; must be fixed text of ours, never anything the requester sent (but a scope-token). */
  description?: string;
  /** For logs and tests only. */
  detail?: string;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** An error with a public half (code, status, description, headers) and a private one (detail, cause). */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  /** The `error` on the wire. */
  readonly code: string;
  readonly status: number;
  readonly publicDescription: string;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly catalogueName: ErrorName,
    readonly options: ErrorOptions = {},
  ) {
    const entry = ERRORS[catalogueName];
    super(options.detail ?? options.description ?? entry.description, { cause: options.cause });
    this.code = entry.error;
    this.status = entry.status;
    this.publicDescription = describable(options.description ?? entry.description);
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }

  withDetail(detail: string): OAuthError {
    return new OAuthError(this.catalogueName, { ...this.options, detail });
  }

  withHeaders(headers: Readonly<Record<string, string>>): OAuthError {
    return new OAuthError(this.catalogueName, { ...this.options, headers: { ...this.headers, ...headers } });
  }

  /** RFC 6749 §5.2. */
  body(): { error: string; error_description: string } {
    return { error: this.code, error_description: this.publicDescription };
  }
}

export function oauthError(name: ErrorName, options: ErrorOptions = {}): OAuthError {
  return new OAuthError(name, options);
}

/** 503 that a caller may repeat (DESIGN, promise 3). */
export function unavailable(detail: string, retryAfterSeconds = 1): OAuthError {
  return new OAuthError('temporarily_unavailable', { detail, headers: { 'retry-after': String(retryAfterSeconds) } });
}

/** RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E, so that it fits into a header's quoted string as well. */
function describable(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
