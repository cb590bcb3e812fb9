import type { Parameters } from '#libs/http';

const MAX_LENGTH = 255;

/** Only fills in the name on the login page (OIDC Core §3.1.2.1); a hint no user name could be is none. */
export function checkLoginHint(parameters: Parameters): string | null {
  const hint = parameters.get('login_hint');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return hint !== undefined && hint.length <= MAX_LENGTH && !/[\x00-\x1f\x7f]/.test(hint) ? hint : null;
}
