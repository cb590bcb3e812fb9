import type { Client } from '#libs/clients';
import { type AccessTokenClaims, oauthError } from '#libs/protocol';
import type { User } from '../users/user.js';

/**
 * The records behind a token that the view lets pass: the switch may have been thrown longer ago than the view remembers, or by a
 * restored file. A token of a generation before the record's stays dead after re-enabling (DESIGN, Generations).
 */
export function judgeClient(claims: AccessTokenClaims, client: Client | null): Client {
  if (!client || client.disabled) throw oauthError('invalid_token', { detail: 'unknown or disabled client' });
  if (claims.gen[1] < client.gen) throw oauthError('invalid_token', { detail: 'an earlier generation of the client' });
  return client;
}

export function judgeSubject(claims: AccessTokenClaims, user: User | null): User {
  if (!user || user.disabled) throw oauthError('invalid_token', { detail: 'unknown or disabled subject' });
  if (claims.gen[0] < user.gen) throw oauthError('invalid_token', { detail: 'an earlier generation of the subject' });
  return user;
}
