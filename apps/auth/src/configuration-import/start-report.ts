import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Log } from '#libs/http';
import { type ClientMetadata, clientMetadata, notBuiltYet } from '#libs/protocol';

interface Row {
  client_id: string;
  metadata: Record<string, unknown>;
  weak: boolean;
}

/** Named in the log at every start: what clients are registered for and won't get, and secrets that could be guessed (decision 0007). */
@Injectable()
export class StartReport {
  constructor(
    private readonly db: Database,
    private readonly log: Log,
  ) {}

  async write(): Promise<void> {
    const { rows } = await this.db.query<Row>(
      `SELECT client_id, metadata, jsonb_path_exists(secrets, '$[*] ? (@.weak == true)') AS weak
       FROM client WHERE NOT disabled AND NOT left_file ORDER BY client_id`,
    );
    for (const row of rows) this.reportClient(row);
  }

  private reportClient({ client_id, metadata: stored, weak }: Row): void {
    const metadata = clientMetadata.parse(stored);
    for (const { member, why } of notBuiltYet(metadata)) {
      this.log.warn('a client is registered for what is not built yet', { client_id, member, reason: why });
    }
    if (weak)
      this.log.warn('a client secret is shorter than 32 characters', {
        client_id,
        reason: 'it could be guessed; its failures are throttled',
      });
    if (cannotRedirect(metadata)) {
      this.log.warn('a client has nowhere to be redirected to', {
        client_id,
        member: 'redirect_uris',
        reason: 'it can not use authorization_code',
      });
    }
  }
}

function cannotRedirect({ grant_types, redirect_uris }: ClientMetadata): boolean {
  return grant_types.includes('authorization_code') && redirect_uris.length === 0;
}
