import type { Client } from '#libs/clients';

/** The client as the authorization endpoint needs it: its registration, the settings as they hold for it, what it may ask for. */
export type AskingClient = Pick<Client, 'client_id' | 'disabled' | 'metadata' | 'settings' | 'scopes'>;

/** The name people are shown. */
export function displayName(client: Pick<AskingClient, 'client_id' | 'metadata'>): string {
  return client.metadata.client_name ?? client.client_id;
}
