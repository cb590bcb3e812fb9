import type { AccessTokenFormat, ClientMetadata } from '#libs/protocol';

export interface CatalogueApi {
  identifier: string;
  name: string | null;
  accessTokenFormat: AccessTokenFormat;
  scopes: { name: string; description: string | null }[];
}

export interface CatalogueClient {
  clientId: string;
  /** As written, one or two (a new one beside the old); empty for clients that have none. Never stored so. */
  secrets: string[];
  metadata: ClientMetadata;
}

export interface CatalogueUser {
  username: string;
  password: string;
  claims: Record<string, unknown>;
  roles: string[];
}

/** What the file declares, checked as a whole. */
export interface Catalogue {
  apis: CatalogueApi[];
  clients: CatalogueClient[];
  users: CatalogueUser[];
}
