import { until } from '#libs/testing';
import { type Answer, RawClient } from './raw-client.js';

/**
 * The client that the documentation asks for: told 503, it asks again, as Retry-After says. For rules that are about something else
 * than who is away for the moment; a connection that breaks is told to the test as it is.
 */
export class PatientClient extends RawClient {
  override post(url: string, form: Record<string, string>): Promise<Answer> {
    return decided(() => super.post(url, form));
  }

  /** A code is not asked for again: told 503 after it was consumed, a second use of it would revoke what it gave. */
  override exchange(code: string, verifier: string, redirectUri: string): Promise<Answer> {
    return new RawClient(this.endpoints, this.clientId, this.secret).exchange(code, verifier, redirectUri);
  }

  override userinfo(accessToken: string): Promise<Answer> {
    return decided(() => super.userinfo(accessToken));
  }
}

/** The first answer that is not 503, for ten seconds; then the 503. */
async function decided(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + 10_000;
  return until(
    async () => {
      const answer = await ask().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      return ('error' in answer || answer.value.status !== 503 || performance.now() > deadline) && { answer };
    },
    { timeoutMs: 15_000, what: 'an answer' },
  ).then(({ answer }) => {
    if ('error' in answer) throw answer.error;
    return answer.value;
  });
}
