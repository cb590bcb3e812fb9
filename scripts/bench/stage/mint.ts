import { loadConfig } from '#libs/config';
import { tokenApi } from '#libs/contracts';
import { randomId } from '#libs/database';
import { Kek } from '#libs/keys';
import { type SealingKey, sealAccessToken, unwrapSealingKeys } from '#libs/sealing';
import { basic } from '../http-request.js';
import { JWT_API, MACHINE, OPAQUE_API, secretOf } from './bench-config.js';
import type { Stage } from './stage.js';

const TTL_S = 7_200;

/**
 * Tokens for a measurement. Opaque ones are sealed here, under the key that the token service seals with, with the claims of an online token:
 * thousands a second, which no sign-in could give. JWTs are the token service's own, by client credentials: their key is nobody else's.
 */
export class Mint {
  private constructor(
    private readonly stage: Stage,
    private readonly key: SealingKey,
  ) {}

  static async of(stage: Stage): Promise<Mint> {
    const config = loadConfig('introspect', stage.member('introspect').options.environment());
    const { keys } = await stage.cluster.call('introspect', tokenApi.sealingKeys, {});
    const ring = await unwrapSealingKeys(keys, Kek.local(config.sealingKek, 'LANYARD_SEALING_KEK'));
    const key = ring.active();
    if (!key) throw new Error('the token service has no sealing key that is active');
    return new Mint(stage, key);
  }

  opaque(count: number): string[] {
    return Array.from({ length: count }, () => this.opaqueOf(randomId()));
  }

  /** That hangs from this session. */
  opaqueOf(sid: string): string {
    const iat = Math.floor(Date.now() / 1_000);
    return sealAccessToken(
      {
        ...{ iss: this.stage.cluster.issuer, aud: OPAQUE_API, client_id: MACHINE, scope: 'openid profile photos:read online_access' },
        ...{ sub: randomId(), username: 'jane.doe@photos.example', sid, gid: randomId(), jti: randomId() },
        ...{ iat, exp: iat + TTL_S, auth_time: iat, acr: '1', amr: ['pwd'], gen: [1, 1] },
      },
      this.key,
    );
  }

  async jwt(count: number): Promise<string[]> {
    const url = `${this.stage.member('token').publicUrl}/token`;
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'prints:order', resource: JWT_API });
    const headers = { authorization: basic(MACHINE, secretOf(MACHINE)) };
    const tokens: string[] = [];
    const keepAsking = async () => {
      while (tokens.length < count) {
        const answer = await fetch(url, { method: 'POST', headers, body });
        const { access_token } = (await answer.json()) as { access_token?: string };
        if (!access_token) throw new Error(`the token service answered ${answer.status}`);
        tokens.push(access_token);
      }
    };
    await Promise.all(Array.from({ length: 8 }, keepAsking));
    return tokens.slice(0, count);
  }
}
