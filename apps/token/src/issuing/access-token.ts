import { randomId } from '#libs/database';
import { signJwt } from '#libs/keys';
import type { AccessTokenClaims } from '#libs/protocol';
import { sealAccessToken } from '#libs/sealing';
import type { KeyService } from '../keys/key-service.js';
import type { Issuance } from './issuance.js';

/** RFC 9068 §2.2, and ours: `gid`, `gen`, and `sid` where it hangs from a session. */
export function accessTokenClaims(issuer: string, { handles, client, target, times, authentication }: Issuance): AccessTokenClaims {
  return {
    iss: issuer,
    sub: handles.sub,
    aud: target.aud,
    client_id: client.client_id,
    scope: target.scope.join(' '),
    iat: times.iat,
    exp: times.exp,
    jti: randomId(),
    ...(handles.sid === null ? {} : { sid: handles.sid }),
    ...(handles.gid === null ? {} : { gid: handles.gid }),
    gen: [handles.gen[0], handles.gen[1]],
    ...(authentication ? authenticationClaims(authentication) : {}),
  };
}

/** Sealed, or signed with ES256 (RFC 9068 §2.1): the API's choice. */
export async function mintAccessToken(keys: KeyService, issuer: string, issuance: Issuance): Promise<string> {
  const claims = accessTokenClaims(issuer, issuance);
  if (issuance.target.format === 'opaque') return sealAccessToken(claims, keys.activeSealingKey());
  return signJwt(await keys.signingKeyFor('ES256'), { typ: 'at+jwt' }, { ...claims });
}

function authenticationClaims({ authTime, amr, acr }: NonNullable<Issuance['authentication']>) {
  return { auth_time: Math.floor(authTime / 1_000), amr: [...amr], ...(acr === null ? {} : { acr }) };
}
