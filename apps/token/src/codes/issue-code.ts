import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { ClientDirectory } from '#libs/clients';
import type { CodeContents } from '#libs/contracts';
import { Database, Pepper, randomSecret } from '#libs/database';
import { oauthError, PREFIX } from '#libs/protocol';
import { CHECKPOINTS } from '../ports.js';
import { insertCode } from './code.store.js';

/**
 * apps/token/src/codes owns authorization codes: random, stored by HMAC with what they stand for, single use. It makes no tokens. The
 * session is not asked here: the exchange asks it (race 2).
 */
@Injectable()
export class IssueCode {
  constructor(
    private readonly db: Database,
    private readonly pepper: Pepper,
    private readonly clients: ClientDirectory,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async issue(contents: CodeContents): Promise<string> {
    const client = await this.clients.get(contents.client_id);
    if (!client || client.disabled) throw oauthError('unauthorized_client', { detail: 'a code for an unknown or disabled client' });
    const code = randomSecret(PREFIX.code);
    await insertCode(this.db, this.pepper.mac('code', code), contents, client.settings.code_ttl);
    await this.checkpoints.reach('token.code.after-issue');
    return code;
  }
}
