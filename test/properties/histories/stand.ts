import { type InProcessServices, startServices, testConfig } from '#libs/testing';
import { CALLBACK } from '../stage.js';
import { TIMES } from './model.js';

/** The services with lives that the steps' waits stand well beside. */
export function startForHistories(): Promise<InProcessServices> {
  const settings = {
    access_token_ttl: TIMES.accessToken,
    browser_access_token_ttl: TIMES.accessToken,
    refresh_grace: TIMES.grace,
    code_ttl: TIMES.code,
    session_idle: TIMES.session,
    session_max: TIMES.session,
    confirm_wait_ms: 1_500,
  };
  const clients = ['photo-shop', 'photo-backup', 'photo-viewer'].map((client_id) => ({ client_id, redirect_uris: [CALLBACK] }));
  return startServices({ config: testConfig({ settings, clients }) });
}
