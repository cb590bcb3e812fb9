import type { OAuthError } from '#libs/protocol';

/** Where the answer to an authorization request goes; exists only after client and redirect URI were found to belong together. */
export class AnswerAddress {
  constructor(
    private readonly issuer: string,
    readonly redirectUri: string,
    readonly state: string | null,
  ) {}

  code(code: string): string {
    return this.with([['code', code]]);
  }

  /** RFC 6749 §4.1.2.1. */
  error(error: Pick<OAuthError, 'code' | 'publicDescription'>): string {
    return this.with([
      ['error', error.code],
      ['error_description', error.publicDescription],
    ]);
  }

  /**
   * The registered query stays as it is (RFC 6749 §3.1.2). `iss` is in every answer, errors included (RFC 9207 §2: mix-up), and
   * `state` is what was sent, unchanged.
   */
  private with(answer: [string, string][]): string {
    const query = new URLSearchParams([
      ...answer,
      ...(this.state === null ? [] : [['state', this.state] as [string, string]]),
      ['iss', this.issuer],
    ]);
    const uri = this.redirectUri;
    const joint = !uri.includes('?') ? '?' : uri.endsWith('?') || uri.endsWith('&') ? '' : '&';
    return `${uri}${joint}${query.toString()}`;
  }
}
