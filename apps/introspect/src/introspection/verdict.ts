import type { IntrospectionAnswer } from './access-token-answer.js';
import type { Judgement } from './judge-access-token.js';

/** An answer, and the question whether it may still be given. `judge` is asked again when the answer is sent. */
export interface Verdict {
  readonly answer: IntrospectionAnswer;
  judge(): Judgement;
}

export const inactive = (answer: IntrospectionAnswer): Verdict => ({ answer, judge: () => 'inactive' });
