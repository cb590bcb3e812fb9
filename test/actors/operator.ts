import { type ServiceName } from '#libs/contracts';
import { type InProcessServices, type SpawnedServices, secretOf } from '#libs/testing';
import { type Answer, answerOf, basic } from './raw-client.js';

export type AdminMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Somebody with an operator's tools: the admin API over HTTP, by client_credentials. */
export class Operator {
  private token: Promise<string> | undefined;

  constructor(
    private readonly services: Pick<InProcessServices | SpawnedServices, 'world'>,
    private readonly clientId = 'admin-cli',
    private readonly secret = secretOf(clientId),
  ) {}

  async call(service: ServiceName, method: AdminMethod, path: string, body?: unknown): Promise<Answer> {
    this.token ??= this.fetchToken();
    const headers: Record<string, string> = { authorization: `Bearer ${await this.token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return answerOf(await fetch(`${this.services.world.url(service)}${path}`, init));
  }

  /** The next call fetches another one. */
  forget(): void {
    this.token = undefined;
  }

  private async fetchToken(): Promise<string> {
    const { status, body } = await answerOf(
      await fetch(`${this.services.world.url('token')}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(this.clientId, this.secret) },
        body: 'grant_type=client_credentials',
      }),
    );
    if (status !== 200) throw new Error(`no token for ${this.clientId}: ${status} ${JSON.stringify(body)}`);
    return String(body.access_token);
  }
}
