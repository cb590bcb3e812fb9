import { discover } from './discovery.js';
import { FeedClient } from './feed/feed-client.js';
import { RevocationCopy } from './feed/revocation-copy.js';
import { IssuerKeys } from './issuer-keys.js';
import { JwtTokens } from './jwt-tokens.js';
import { KilledTokens } from './killed-tokens.js';
import { OpaqueTokens } from './opaque-tokens.js';
import { type ResourceServerOptions, settingsOf } from './options.js';
import { Questions } from './questions.js';
import type { ResourceServer } from './resource-server.js';
import { TokenNames } from './token-names.js';
import { Verifier } from './verifier.js';
import { Wire } from './wire/send.js';

const QUESTION_SOCKETS = 64;

/**
 * Reads the server's metadata, begins to listen, and answers once that is done; the feed may come later, and until then `freshness.otherwise` applies.
 * Rejects where the server can't be reached or isn't one of ours, and with a TypeError where an option can't be.
 */
export async function createResourceServer(options: ResourceServerOptions): Promise<ResourceServer> {
  const settings = settingsOf(options);
  const { authorization, clock, onTrouble, boundMs, probeEveryMs, ca } = settings;
  // Tokens have connections of their own: a flood of them must not keep a probe waiting.
  const [wire, forTokens] = [new Wire({ ca }), new Wire({ ca, maxSockets: QUESTION_SOCKETS })];
  const endpoints = await discover(settings.issuer, wire).catch((error: unknown) => {
    wire.close();
    throw error;
  });
  const copy = new RevocationCopy(boundMs, clock);
  const keys = new IssuerKeys({ jwks: endpoints.jwks, wire, copy, clock, onTrouble });
  copy.onKeysEnded = () => keys.keysEnded();
  const names = new TokenNames();
  return new Verifier({
    ...{ settings, copy, names, wires: [wire, forTokens] },
    killed: new KilledTokens(names, clock),
    jwts: new JwtTokens(keys),
    opaque: new OpaqueTokens(copy),
    questions: new Questions({ endpoint: endpoints.introspection, authorization, wire: forTokens, copy, clock, onTrouble }),
    feed: new FeedClient({ endpoint: endpoints.feed, authorization, wire, copy, probeEveryMs, onTrouble }),
  });
}
