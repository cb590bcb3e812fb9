import { type OpenApiOptions, openApiOf } from '#libs/admin-api';
import { ADMIN_CONTROLLERS as AUTH } from '../../apps/auth/src/admin/admin.module.js';
import { ADMIN_CONTROLLERS as SESSION } from '../../apps/session/src/admin/admin-controllers.js';
import { ADMIN_CONTROLLERS as TOKEN } from '../../apps/token/src/admin/admin-controllers.js';

const page = (service: OpenApiOptions['service'], controllers: OpenApiOptions['controllers']) => () =>
  `${JSON.stringify(openApiOf({ service, controllers }), null, 2)}\n`;

/** What each service serves at /admin/<service>/openapi.json, without the addresses of an installation. */
export const OPENAPI_PAGES: Record<string, () => string> = {
  'docs/openapi/auth.json': page('auth', AUTH),
  'docs/openapi/session.json': page('session', SESSION),
  'docs/openapi/token.json': page('token', TOKEN),
};
