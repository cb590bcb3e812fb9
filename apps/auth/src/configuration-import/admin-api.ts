import type { CatalogueApi } from '#libs/config';
import { ADMIN_SCOPES, adminApiIdentifier } from '#libs/protocol';

/** The API that this server is itself: there whatever the file says, so that a client can be given its scopes. JWTs: every service reads those. */
export function adminApi(issuer: string): CatalogueApi {
  const scopes = Object.entries(ADMIN_SCOPES).map(([name, description]) => ({ name, description }));
  return { identifier: adminApiIdentifier(issuer), name: 'Lanyard admin API', accessTokenFormat: 'jwt', scopes };
}
