import { z } from 'zod';
import { PROMPTS } from '#libs/protocol';

/**
 * A request that passed every check: the one typed form everything after the steps works on. It is kept with the interaction, so it
 * is a schema: what comes back from the store is parsed again.
 */
export const authorizationRequest = z.strictObject({
  client_id: z.string(),
  redirect_uri: z.string(),
  /** Then the token request must repeat it (RFC 6749 §4.1.3). */
  redirect_uri_sent: z.boolean(),
  state: z.string().nullable(),
  /** Wanted, in the order asked: what the client can't get at all (a refresh scope without the grant) is gone. */
  scope: z.array(z.string()),
  /** What came off already, so that the token response says `scope` (RFC 6749 §3.3). */
  narrowed: z.boolean(),
  /** What the client asked for, or what the policy says where it asked for neither. */
  access: z.enum(['online', 'offline', 'none']),
  resources: z.array(z.string()),
  code_challenge: z.string().nullable(),
  nonce: z.string().nullable(),
  prompt: z.array(z.enum(PROMPTS)),
  max_age: z.int().nonnegative().nullable(),
  auth_time_requested: z.boolean(),
  login_hint: z.string().nullable(),
  /** The subject of a valid id_token_hint: nobody else may sign in (OIDC Core §3.1.2.1). */
  hinted_sub: z.string().nullable(),
});
export type AuthorizationRequest = z.infer<typeof authorizationRequest>;
