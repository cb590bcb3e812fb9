import { Injectable } from '@nestjs/common';
import { unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { AccessTokenReader } from '#libs/sealing';
import { accessTokenAnswer, INACTIVE } from './access-token-answer.js';
import { judgeAccessToken } from './judge-access-token.js';
import { type Caller, mayIntrospect } from './may-introspect.js';
import { inactive, type Verdict } from './verdict.js';

/** Opens, asks whether the caller may see it, and judges: CPU only, unless a key has to be fetched. */
@Injectable()
export class IntrospectAccessToken {
  constructor(
    private readonly reader: AccessTokenReader,
    private readonly views: ViewService,
  ) {}

  async verdict(token: string, caller: Caller): Promise<Verdict> {
    const read = this.reader.read(token);
    const claims = read instanceof Promise ? await read : read;
    if (claims === 'unavailable') throw unavailable('the keys this token needs can not be fetched');
    if (claims === null || !mayIntrospect(caller, claims)) return inactive(INACTIVE);
    const judge = () => judgeAccessToken(claims, this.views.view);
    const judgement = judge();
    if (judgement === 'unknown') throw unavailable(this.reason());
    return judgement === 'inactive' ? inactive(INACTIVE) : { answer: accessTokenAnswer(claims), judge };
  }

  private reason(): string {
    const state = this.views.view.freshness();
    return state.fresh ? 'the owner’s clock has not been read yet' : `${state.source}: ${state.reason} (${Math.round(state.ageMs)} ms)`;
  }
}
