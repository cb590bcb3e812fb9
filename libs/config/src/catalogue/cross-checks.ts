import { ADMIN_SCOPE_PREFIX, adminApiIdentifier, isAdminScope, isStandardScope, type ProviderSettings } from '#libs/protocol';
import type { Catalogue, CatalogueClient } from './catalogue.js';
import { receiverProblem } from './receiver-problem.js';
import { usernameKey } from './user-schema.js';

export type Report = (path: PropertyKey[], message: string) => void;

/** What no single entry can know: what is declared twice, and what is named without being declared. */
export function crossCheck(catalogue: Catalogue, settings: ProviderSettings, issuer: string, report: Report): void {
  const { apis, clients, users } = catalogue;
  apis.forEach((api, index) => {
    if (api.identifier === issuer) report(['apis', index, 'identifier'], 'expected another identifier than the issuer');
    if (api.identifier === adminApiIdentifier(issuer))
      report(['apis', index, 'identifier'], 'expected another identifier: the admin API is always there');
    for (const { name } of api.scopes) {
      if (name.startsWith(ADMIN_SCOPE_PREFIX))
        report(['apis', index, 'scopes', name], `expected a name without ${ADMIN_SCOPE_PREFIX}: these scopes are the server's own`);
    }
  });
  once(
    apis.map((api) => api.identifier),
    (index, first) => report(['apis', index, 'identifier'], `expected each API once; apis[${first}] is the same`),
  );
  once(
    clients.map((client) => client.clientId),
    (index, first) => report(['clients', index, 'client_id'], `expected each client_id once; clients[${first}] has it too`),
  );
  once(
    users.map((user) => usernameKey(user.username)),
    (index, first) => report(['users', index, 'username'], `expected each username once; users[${first}] has it too`),
  );

  const places = apis.flatMap((api, index) => api.scopes.map((scope) => ({ name: scope.name, index })));
  once(
    places.map((place) => place.name),
    (index, first) => {
      const place = places[index];
      if (place)
        report(
          ['apis', place.index, 'scopes', place.name],
          `expected each scope in one API only; apis[${places[first]?.index}] has it too`,
        );
    },
  );

  const scopes = new Set(places.map((place) => place.name));
  const identifiers = new Set(apis.map((api) => api.identifier));
  clients.forEach((client, index) => {
    checkClient(client, { scopes, identifiers, settings }, (path, message) => report(['clients', index, ...path], message));
  });
}

/** What a registration may name. */
export interface Known {
  readonly scopes: ReadonlySet<string>;
  readonly identifiers: ReadonlySet<string>;
  readonly settings: ProviderSettings;
}

export function checkClient({ metadata }: Pick<CatalogueClient, 'metadata'>, known: Known, report: Report): void {
  const declared = (name: string) => isStandardScope(name) || isAdminScope(name) || known.scopes.has(name);
  const foreign = metadata.scope.split(' ').find((name) => name && !declared(name));
  if (foreign) report(['scope'], `expected scopes that are standard or that an API declares; no API declares ${foreign}`);
  metadata.resource_server_for.forEach((identifier, index) => {
    if (identifier !== '*' && !known.identifiers.has(identifier)) {
      report(['resource_server_for', index], 'expected the identifier of an API of this file, or "*"');
    }
  });
  for (const member of ['access_token_ttl', 'browser_access_token_ttl', 'max_access_token_ttl'] as const) {
    const { max_access_token_ttl: max } = known.settings;
    if ((metadata[member] ?? 0) > max) report([member], `expected at most settings.max_access_token_ttl (${max})`);
  }
  for (const member of ['backchannel_logout_uri', 'jwks_uri', 'sector_identifier_uri', 'signed_jwks_uri'] as const) {
    const uri = metadata[member];
    const problem = uri === undefined ? null : receiverProblem(uri, known.settings.allow_private_receivers);
    if (problem) report([member], problem);
  }
}

/** Calls back for every repetition, with the place of the first. */
function once(keys: readonly string[], repeated: (index: number, first: number) => void): void {
  const seen = new Map<string, number>();
  keys.forEach((key, index) => {
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else repeated(index, first);
  });
}
