/** Where the story's relying parties live; they listen before the services start, on ports of their own. */
export interface StoryPlaces {
  readonly shop: string;
  readonly album: string;
  readonly backup: string;
  readonly viewer: string;
  readonly shopLogout: string;
  readonly albumLogout: string;
  readonly backupLogout: string;
}

const secret = (name: string) => `${name}-secret-0123456789abcdefghijklmnopqrstuvwxyz`;

export const SECRETS = {
  shop: secret('shop'),
  album: secret('album'),
  backup: secret('backup'),
  photosApi: secret('photos-api'),
  printsApi: secret('prints-api'),
  gateway: secret('gateway'),
  batch: secret('batch'),
};

export const JANE = { username: 'jane', password: 'correct horse battery staple' };
export const JOHN = { username: 'john', password: 'john likes long passwords too' };

export const PHOTOS_API = 'https://photos.example/api';
export const PRINTS_API = 'https://prints.example/api';

/** The configuration file of the story: what an operator of the photo-print shop would write. */
export function storyConfig(places: StoryPlaces): Record<string, unknown> {
  const web = (clientId: string, origin: string, clientSecret: string, scope: string, logout: string) => ({
    client_id: clientId,
    client_secret: clientSecret,
    client_name: clientId,
    application_type: 'web',
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    backchannel_logout_uri: logout,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope,
  });
  const service = (clientId: string, clientSecret: string, more: Record<string, unknown>) => ({
    client_id: clientId,
    client_secret: clientSecret,
    application_type: 'service',
    grant_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
    ...more,
  });
  return {
    settings: { allow_private_receivers: true },
    apis: [
      {
        identifier: PHOTOS_API,
        access_token_format: 'opaque',
        scopes: { 'photos:read': 'See your photos', 'photos:write': 'Change your photos' },
      },
      { identifier: PRINTS_API, access_token_format: 'jwt', scopes: { 'prints:order': 'Order prints in your name' } },
    ],
    clients: [
      web('photo-shop', places.shop, SECRETS.shop, 'openid profile email photos:read prints:order online_access', places.shopLogout),
      web('photo-album', places.album, SECRETS.album, 'openid photos:read photos:write prints:order online_access', places.albumLogout),
      web('photo-backup', places.backup, SECRETS.backup, 'openid photos:read offline_access online_access', places.backupLogout),
      {
        client_id: 'photo-viewer',
        client_name: 'photo-viewer',
        application_type: 'browser',
        redirect_uris: [`${places.viewer}/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        scope: 'openid photos:read online_access',
      },
      service('photos-api', SECRETS.photosApi, { resource_server_for: [PHOTOS_API] }),
      service('prints-api', SECRETS.printsApi, { resource_server_for: [PRINTS_API] }),
      service('gateway', SECRETS.gateway, { resource_server_for: ['*'] }),
      service('photo-batch', SECRETS.batch, { grant_types: ['client_credentials'], scope: 'photos:read' }),
    ],
    users: [
      { ...JANE, claims: { name: 'Jane Doe', email: 'jane@photos.example', email_verified: true }, roles: ['editor'] },
      { ...JOHN, claims: { name: 'John Roe', email: 'john@photos.example', email_verified: true } },
    ],
  };
}
