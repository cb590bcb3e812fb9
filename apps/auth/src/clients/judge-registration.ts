import { parseRegistration } from '#libs/config';
import type { Sql } from '#libs/database';
import { type ClientMetadata, isAdminScope, oauthError, type ProviderSettings, parseScope } from '#libs/protocol';

export interface Judged {
  readonly metadata: ClientMetadata;
  readonly needsSecret: boolean;
}

/** By the schema and rules of the configuration file, against the APIs that are there now. Throws 400, as RFC 7591 calls it, with the member and what was expected. */
export async function judgeRegistration(sql: Sql, written: Readonly<Record<string, unknown>>, settings: ProviderSettings): Promise<Judged> {
  const { rows } = await sql.query<{ scopes: string[]; identifiers: string[] }>(
    `SELECT ARRAY(SELECT s.name FROM scope s JOIN api a ON a.identifier = s.api WHERE NOT s.left_file AND NOT a.left_file) AS scopes,
       ARRAY(SELECT identifier FROM api WHERE NOT left_file) AS identifiers`,
  );
  const known = { scopes: new Set(rows[0]?.scopes), identifiers: new Set(rows[0]?.identifiers), settings };
  const judged = parseRegistration(written, known);
  if (!('problems' in judged)) return judged;
  const [problem] = judged.problems;
  const place = ['body.metadata', ...(problem?.path ?? [])].map(String).join('.');
  const error = problem?.path[0] === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  throw oauthError(error, { description: `${place}: ${problem?.message}`.slice(0, 300) });
}

/**
 * Nobody hands out, or brings within reach, operators' rights that they don't hold: with `lanyard:clients:write` alone a caller could otherwise
 * make a client that may do everything, or get the secret of one.
 */
export function refuseMoreRights(metadata: { readonly scope?: unknown }, held: readonly string[]): void {
  const more = parseScope(String(metadata.scope ?? '')).find((name) => isAdminScope(name) && !held.includes(name));
  if (more !== undefined)
    throw oauthError('insufficient_scope', {
      description: `Only a token that has ${more} may give it to a client, change one that has it, or switch it.`,
    });
}
