import { type ByteString, jsonBytes } from '#libs/http';
import { INACTIVE, type IntrospectionAnswer } from './access-token-answer.js';
import type { Judgement } from './judge-access-token.js';

/** An answer, and the question whether it may still be given. `judge` is asked again when the answer is sent. */
export interface Verdict {
  readonly answer: IntrospectionAnswer;
  /** The same as JSON. */
  readonly json: ByteString;
  judge(): Judgement;
}

export const INACTIVE_JSON = jsonBytes(INACTIVE);

/** RFC 7662 §2.2: for whatever reason, nothing more. What would be active later (`nbf`) is not now, so all of it is told without freshness. */
export const INACTIVE_VERDICT: Verdict = { answer: INACTIVE, json: INACTIVE_JSON, judge: () => 'inactive' };
