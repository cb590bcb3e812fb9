import { type InProcessServices, type SpawnedServices, STORY, type StoryConfig, testConfig } from '#libs/testing';

/** What the fuzzer stands in: the story's world with people and clients that may be ended, and receivers that never answer. */
export type Services = InProcessServices | SpawnedServices;
export type World = Services['world'];

export const VISITORS = Array.from({ length: 8 }, (_, index) => ({
  username: `visitor-${index}`,
  password: `the visitor number ${index} of the fuzzer`,
}));

/** Refuses connections: what is owed to it stays owed. */
const backchannel_logout_uri = 'http://127.0.0.1:1/backchannel-logout';

export const FUZZ_CONFIG: StoryConfig = testConfig({
  users: [...VISITORS],
  clients: [
    { client_id: 'photo-shop', backchannel_logout_uri },
    { client_id: 'photo-book', backchannel_logout_uri },
    {
      client_id: 'passer-by',
      client_secret: 'passer-by-secret-only-for-the-tests-of-this-repository',
      application_type: 'web',
      redirect_uris: ['http://localhost:4096/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid photos:read online_access',
    },
  ],
});

export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
export const CALLBACKS: Readonly<Record<string, string>> = {
  'photo-shop': 'http://localhost:4090/callback',
  'photo-book': 'http://localhost:4091/callback',
  'photo-backup': 'http://localhost:4092/callback',
};
export const APIS = [STORY.photosApi, STORY.printsApi];
