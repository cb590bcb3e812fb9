import type { ClientRecord, ScopeRecord } from '#libs/contracts';
import { type ClientMetadata, clientMetadata, effectiveSettings, type ProviderSettings } from '#libs/protocol';

/** A client as services use it: the record, its registration parsed, the settings as they hold for it. Not to be changed. */
export interface Client {
  readonly client_id: string;
  readonly gen: number;
  readonly disabled: boolean;
  readonly metadata: ClientMetadata;
  readonly settings: ProviderSettings;
  readonly scopes: readonly ScopeRecord[];
  readonly secrets: ClientRecord['secrets'];
}

/** Throws on a registration that this version can't read: better no client than half a one. */
export function clientOf(record: ClientRecord, settings: ProviderSettings): Client {
  const metadata = clientMetadata.parse(record.metadata);
  const { client_id, gen, disabled, scopes, secrets } = record;
  return { client_id, gen, disabled, metadata, settings: effectiveSettings(settings, metadata), scopes, secrets };
}
