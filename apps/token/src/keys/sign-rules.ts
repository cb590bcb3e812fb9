import { z } from 'zod';
import type { ServiceName, SignPurpose } from '#libs/contracts';

/** A logout token is valid for two minutes at most (Back-Channel Logout 1.0 §4). */
export const LOGOUT_TOKEN_LIFETIME_S = 120;
const JARM_LIFETIME_S = 600;

const seconds = z.int().nonnegative();
const text = z.string().min(1);
const forbidden = z.undefined().optional();

export interface SignRule {
  readonly caller: ServiceName;
  readonly typ: string;
  /** How far `exp` may lie beyond `iat`; null: this kind of token has no `exp` that we set or limit. */
  readonly lifetimeS: number | null;
  readonly claims: z.ZodType<Record<string, unknown>>;
}

/** Back-Channel Logout 1.0 §2.4: sub or sid, the event, never a nonce. */
const logoutToken = z
  .looseObject({
    aud: text,
    jti: text,
    sub: text.optional(),
    sid: text.optional(),
    iat: seconds.optional(),
    exp: seconds.optional(),
    nonce: forbidden,
    events: z.strictObject({ 'http://schemas.openid.net/event/backchannel-logout': z.strictObject({}) }),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, 'a logout token needs sub or sid');

/** RFC 8417 §2.2; SSF 1.0 §4.1: no sub, no exp, so that it can't be mistaken for an ID token. */
const securityEvent = z.looseObject({
  jti: text,
  aud: z.union([text, z.array(text)]).optional(),
  iat: seconds.optional(),
  sub: forbidden,
  exp: forbidden,
  events: z.record(z.string(), z.unknown()),
});

/** RFC 9701 §5: the answer is inside one member; a top-level sub or exp would make it look like a token. */
const introspectionResponse = z.looseObject({
  aud: text,
  iat: seconds.optional(),
  sub: forbidden,
  exp: forbidden,
  token_introspection: z.looseObject({ active: z.boolean() }),
});

const userinfo = z.looseObject({ sub: text, aud: text, iat: seconds.optional(), events: forbidden });

/** JARM §2.1. */
const authorizationResponse = z.looseObject({
  aud: text,
  iat: seconds.optional(),
  exp: seconds.optional(),
  sub: forbidden,
  events: forbidden,
});

/** Each caller has its own purposes (DESIGN, "Who signs"): a service that was taken over can't sign as another. */
export const SIGN_RULES: Record<SignPurpose, SignRule> = {
  logout_token: { caller: 'session', typ: 'logout+jwt', lifetimeS: LOGOUT_TOKEN_LIFETIME_S, claims: logoutToken },
  security_event: { caller: 'session', typ: 'secevent+jwt', lifetimeS: null, claims: securityEvent },
  introspection_response: { caller: 'introspect', typ: 'token-introspection+jwt', lifetimeS: null, claims: introspectionResponse },
  userinfo: { caller: 'auth', typ: 'JWT', lifetimeS: null, claims: userinfo },
  authorization_response: { caller: 'auth', typ: 'JWT', lifetimeS: JARM_LIFETIME_S, claims: authorizationResponse },
};
