import { decided } from './decided.js';
import { type Answer, RawClient } from './raw-client.js';

/** The client that the documentation asks for: told 503, it asks again. For rules that are about something else than who is away for the moment. */
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
