import { newClient, type Row, SCOPE, webMetadata } from './cast.js';

/** An address is a plain one, checked when registered and again when used. */
export const ssrfByHostPlaceholder: Row = (world) => {
  it.each(['https://$host$/logout', 'https://{client_session_host}/logout', 'https://a.example@127.0.0.1/logout'])(
    'Keycloak CVE-2026-4874: %s is no address to send logout tokens to',
    async (backchannel_logout_uri) => {
      const { answer } = await newClient(world(), { ...webMetadata(world().book.callback, SCOPE), backchannel_logout_uri });
      expect(answer).toMatchObject({ status: 400 });
    },
  );
};
