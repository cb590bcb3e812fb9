import { Injectable } from '@nestjs/common';
import { unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { judgeAccessToken } from './judge-access-token.js';
import { type Caller, mayIntrospect } from './may-introspect.js';
import { OpenedAccessTokens, type Opening } from './opened-access-tokens.js';
import { INACTIVE_VERDICT, type Verdict } from './verdict.js';

/** Opens, asks whether the caller may see it, and judges: CPU only and no promise, unless a key has to be fetched. */
@Injectable()
export class IntrospectAccessToken {
  constructor(
    private readonly tokens: OpenedAccessTokens,
    private readonly views: ViewService,
  ) {}

  verdict(token: string, caller: Caller): Verdict | Promise<Verdict> {
    const opening = this.tokens.open(token);
    return opening instanceof Promise ? opening.then((opened) => this.verdictOn(opened, caller)) : this.verdictOn(opening, caller);
  }

  /** What it is if its `judge` says so, which has not been asked. Null: a key has to be fetched first. */
  unjudged(token: string, caller: Caller): Verdict | null {
    const opening = this.tokens.open(token);
    if (!(opening instanceof Promise)) return this.unjudgedOf(opening, caller);
    // who asks again joins the same fetch, and hears how it ended
    opening.catch(() => undefined);
    return null;
  }

  private verdictOn(opened: Opening, caller: Caller): Verdict {
    const verdict = this.unjudgedOf(opened, caller);
    const judgement = verdict.judge();
    if (judgement === 'unknown') throw unavailable(this.reason());
    return judgement === 'inactive' ? INACTIVE_VERDICT : verdict;
  }

  private unjudgedOf(opened: Opening, caller: Caller): Verdict {
    if (opened === 'unavailable') throw unavailable('the keys this token needs can not be fetched');
    if (opened === null || !mayIntrospect(caller, opened.claims)) return INACTIVE_VERDICT;
    const { claims, answer, json } = opened;
    return { answer, json, judge: () => judgeAccessToken(claims, this.views.view) };
  }

  private reason(): string {
    const state = this.views.view.freshness();
    return state.fresh ? 'the owner’s clock has not been read yet' : `${state.source}: ${state.reason} (${Math.round(state.ageMs)} ms)`;
  }
}
