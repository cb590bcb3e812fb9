import type { AuthConfig, CatalogueClient } from '#libs/config';
import { ClusterPorts } from '../cluster/cluster-ports.js';
import { Nginx, nginxBinary } from './nginx.js';

export interface Guarded {
  /** The URL of what stands behind it. */
  readonly api: string;
  readonly scope: string;
  readonly audience: string;
}

export type Gateway = { readonly url: string; close(): void } | { readonly missing: string };

/** What the introspect service says with a yes. Set or emptied one and all: nginx passes on what is not named, as the end user wrote it. */
const IDENTITY = ['subject', 'client-id', 'scope', 'audience', 'session-id', 'token-id', 'acr'];
const NOT_FOR_THE_API = ['Lanyard-Gateway-Authorization', 'Lanyard-Required-Scope', 'Lanyard-Required-Audience', 'Authorization'];

const LEFT_OUT = 'The third API is left out';

/** A real nginx that asks the introspect service about each request (docs/guides/gateways.md), or one sentence on what it lacks. */
export async function openGateway(config: AuthConfig, client: CatalogueClient, guarded: Guarded): Promise<Gateway> {
  const binary = nginxBinary();
  if (!binary) return { missing: `${LEFT_OUT}: it needs nginx (Debian: apt-get install nginx-light), or its path in NGINX_PATH.` };
  const authorization = basic(client);
  const service = await introspectService(config, authorization);
  if (!service) return { missing: `${LEFT_OUT}: its gateway would ask the introspect service itself, which is not on this machine.` };
  const nginx = await Nginx.start(binary, serverBlock(`${service}/authz`, authorization, guarded));
  return { url: nginx.url, close: () => nginx.stop() };
}

/** Gateways don't ask through the public origin: where `npm start` has the service, or the first instance of `npm run cluster`. */
async function introspectService({ publicUrls, portBase }: AuthConfig, authorization: string): Promise<string | undefined> {
  const places = [publicUrls.introspect, `http://127.0.0.1:${new ClusterPorts(portBase).ofInstance('introspect', 1).public}`];
  for (const place of places) {
    const headers = { 'lanyard-gateway-authorization': authorization };
    const answer = await fetch(`${place}/authz`, { headers }).catch(() => null);
    // It knows the gateway, and misses the token that it has to judge.
    if (answer?.status === 401) return place;
  }
  return undefined;
}

function identityLines(): string {
  const lines = IDENTITY.map((name) => {
    const variable = `lanyard_${name.replaceAll('-', '_')}`;
    return `auth_request_set $${variable} $upstream_http_${variable};
      proxy_set_header Lanyard-${name} $${variable};`;
  });
  return [...lines, ...NOT_FOR_THE_API.map((name) => `proxy_set_header ${name} "";`)].join('\n      ');
}

function serverBlock(authz: string, authorization: string, { api, scope, audience }: Guarded): string {
  return `
    location = /_lanyard {
      internal;
      proxy_pass ${authz}?scope=${encodeURIComponent(scope)}&audience=${encodeURIComponent(audience)};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Lanyard-Gateway-Authorization "${authorization}";
    }
    location / {
      auth_request /_lanyard;
      ${identityLines()}
      proxy_pass ${api};
      error_page 500 = @not_asked;
    }
    location @not_asked {
      add_header Retry-After 1 always;
      return 503;
    }`;
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basic({ clientId, secrets }: CatalogueClient): string {
  const encoded = [clientId, secrets[0] ?? ''].map((text) => new URLSearchParams({ t: text }).toString().slice(2));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}
