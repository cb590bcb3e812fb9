import type { Client } from '#libs/clients';
import { isStandardScope, STANDARD_SCOPES } from '#libs/protocol';

/** In the words of the API's owner; without a description its name is shown, so that nothing is agreed to unseen. */
export function describeScope(client: Pick<Client, 'scopes'> | null, name: string): string {
  const described = client?.scopes.find((scope) => scope.name === name)?.description;
  return described ?? (isStandardScope(name) ? STANDARD_SCOPES[name] : name);
}
