import type { Parameters } from '#libs/http';
import { BUILT_RESPONSE_MODES, oauthError } from '#libs/protocol';

/** OAuth 2.0 Multiple Response Types §2.1. The answer itself goes by query, the default of `code`. */
export function checkResponseMode(parameters: Parameters): void {
  const mode = parameters.get('response_mode');
  if (mode !== undefined && !(BUILT_RESPONSE_MODES as readonly string[]).includes(mode)) {
    throw oauthError('invalid_request', { description: 'This response_mode is not supported; use query.' });
  }
}
