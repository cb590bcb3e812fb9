import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';

export interface IntrospectionRequest {
  readonly token: string;
}

/**
 * RFC 7662 §2.1. `token_type_hint` is read by nobody: our tokens say what they are, and a wrong hint must not narrow the
 * search ("MUST extend its search across all of its supported token types").
 */
export function introspectionRequest(form: Parameters): IntrospectionRequest {
  const token = form.get('token');
  if (token === undefined) throw oauthError('invalid_request', { description: 'the parameter token is missing' });
  return { token };
}
