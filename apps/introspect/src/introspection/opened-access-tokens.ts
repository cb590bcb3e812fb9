import { Injectable } from '@nestjs/common';
import { type ByteString, jsonBytes } from '#libs/http';
import { AccessTokenReader, type OpenedAccessToken, OpenedTokens } from '#libs/sealing';
import { accessTokenAnswer, type IntrospectionAnswer } from './access-token-answer.js';

/** What an access token says, and how it would be told: nothing of it depends on who asks or on when. */
export interface Opened {
  readonly claims: OpenedAccessToken;
  readonly answer: IntrospectionAnswer;
  /** The same as JSON: made once, where it would be flattened and encoded for every answer. */
  readonly json: ByteString;
}

/** null: not an access token of ours. 'unavailable': its key could not be fetched. */
export type Opening = Opened | null | 'unavailable';

/** Reads an access token, or remembers what it read. No promise unless a key has to be fetched; every verdict is reached anew from it. */
@Injectable()
export class OpenedAccessTokens {
  private readonly known = new OpenedTokens<Opened>();

  constructor(private readonly reader: Pick<AccessTokenReader, 'read' | 'keysNow'>) {}

  open(token: string): Opening | Promise<Opening> {
    const keys = this.reader.keysNow();
    const known = this.known.get(token, keys);
    if (known) return known;
    const read = this.reader.read(token);
    return read instanceof Promise ? read.then((claims) => this.keep(token, claims, keys)) : this.keep(token, read, keys);
  }

  private keep(token: string, claims: OpenedAccessToken | null | 'unavailable', keys: number): Opening {
    if (claims === null || claims === 'unavailable') return claims;
    const answer = accessTokenAnswer(claims);
    const opened = { claims, answer, json: jsonBytes(answer) };
    // the claims weigh about what the answer does
    this.known.put(token, opened, 2 * opened.json.length, keys);
    return opened;
  }
}
