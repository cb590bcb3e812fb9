import { type StoryConfig, testConfig } from '#libs/testing';

/** A relying party of the story: where its pages are, and where it hears of ends. They listen before the services start. */
export interface Place {
  readonly origin: string;
  readonly logout?: string;
}

/** The operator's configuration file of the story: the photo printing business, with this run's addresses. */
export function storyConfig(places: Readonly<Record<string, Place>>, settings: Record<string, unknown> = {}): StoryConfig {
  const clients = Object.entries(places).map(([client_id, { origin, logout }]) => ({
    client_id,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    ...(logout ? { backchannel_logout_uri: logout } : {}),
  }));
  return testConfig({ clients, settings });
}
