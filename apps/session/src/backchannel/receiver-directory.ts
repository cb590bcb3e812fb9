import { Injectable } from '@nestjs/common';
import { authApi, type ClientRecord } from '#libs/contracts';
import { InternalClient } from '#libs/http';

/** Where a client takes logout tokens, and how it wants them signed. */
export interface Receiver {
  uri: string;
  alg: string;
}

export type ReceiverAnswer =
  | { kind: 'receiver'; receiver: Receiver }
  | { kind: 'none'; reason: string }
  | { kind: 'unsupported'; reason: string };

/**
 * Reads a client's logout channel when it is needed, not when the session ended: a receiver that moved is found at its new place. Not
 * cached; requests for the same client that are under way at the same time share one call. A disabled client still hears of the end.
 */
@Injectable()
export class ReceiverDirectory {
  private readonly underWay = new Map<string, Promise<ReceiverAnswer>>();

  constructor(private readonly internal: InternalClient) {}

  of(clientId: string): Promise<ReceiverAnswer> {
    let answer = this.underWay.get(clientId);
    if (!answer) {
      answer = this.read(clientId).finally(() => this.underWay.delete(clientId));
      this.underWay.set(clientId, answer);
    }
    return answer;
  }

  private async read(clientId: string): Promise<ReceiverAnswer> {
    const { client } = await this.internal.call(authApi.client, { client_id: clientId });
    return client ? receiverOf(client) : { kind: 'none', reason: 'the client is no longer registered' };
  }
}

/** OIDC registration: RS256 where `id_token_signed_response_alg` is omitted; a logout token is signed, and encrypted, as ID tokens are. */
export function receiverOf({ metadata }: Pick<ClientRecord, 'metadata'>): ReceiverAnswer {
  const { backchannel_logout_uri: uri, id_token_signed_response_alg: alg, id_token_encrypted_response_alg: encrypted } = metadata;
  if (typeof uri !== 'string' || uri === '') return { kind: 'none', reason: 'the client has no backchannel_logout_uri' };
  if (typeof encrypted === 'string')
    return { kind: 'unsupported', reason: 'encrypted logout tokens (id_token_encrypted_response_alg) are not available' };
  return { kind: 'receiver', receiver: { uri, alg: typeof alg === 'string' ? alg : 'RS256' } };
}
