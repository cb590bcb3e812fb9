import { providerSettings } from '#libs/protocol';

export const ISSUER = 'https://as.example';
export const SETTINGS = providerSettings.parse({
  session_idle: 600,
  session_max: 3_600,
  access_token_ttl: 120,
  allow_private_receivers: true,
});
