import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '#libs/contracts';
import type { SpawnedServices } from '#libs/testing';
import type { World } from '../world.js';
import { type Kind, type KnownSecrets, piecesIn, type Secret } from './known-secrets.js';
import type { Exchange, Recorder } from './recorder.js';

export interface Place {
  readonly name: string;
  readonly text: string;
  /** What belongs here by design. */
  readonly mayHold: (secret: Secret) => boolean;
}

const nothing = () => false;
const only =
  (...kinds: Kind[]) =>
  ({ kind }: Secret) =>
    kinds.includes(kind);

/** `state` and `nonce` are given back later, so they are kept until then: with the interaction, the code, a logout that asks. */
const KEPT_TO_BE_GIVEN_BACK: Readonly<Record<string, (secret: Secret) => boolean>> = {
  'table ephemeral.object': only('state', 'nonce'),
  'table token.authorization_codes': only('nonce'),
};

/** Every line of every process. */
export function logs(world: World<SpawnedServices>): Place[] {
  return SERVICES.map((service) => ({ name: `log of ${service}`, text: world.services.log(service), mayHold: nothing }));
}

/** Every column of every row of every table, whatever it is called: bytes come as hex. */
export async function tables(world: World<SpawnedServices>): Promise<Place[]> {
  const { database } = world.stand;
  const found = await database.query<{ name: string; quoted: string }>(
    `SELECT table_schema || '.' || table_name AS name, format('%I.%I', table_schema, table_name) AS quoted FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  return Promise.all(
    found.map(async ({ name, quoted }) => {
      const rows = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${quoted} t`);
      const place = `table ${name}`;
      return { name: place, text: rows.map(({ row }) => row).join('\n'), mayHold: KEPT_TO_BE_GIVEN_BACK[place] ?? nothing };
    }),
  );
}

export function metrics(world: World<SpawnedServices>): Promise<Place[]> {
  return Promise.all(
    SERVICES.map(async (service) => {
      const answer = await fetch(`${world.stand.internalUrl(service)}/metrics`);
      return { name: `metrics of ${service}`, text: await answer.text(), mayHold: nothing };
    }),
  );
}

/** What the services wrote to their data directories. The configuration file beside it is the operator's, and meant to hold secrets. */
export function files(world: World<SpawnedServices>): Place[] {
  const folder = join(world.stand.folder, 'data');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return { name: `file ${entry.name}`, text: `${bytes.toString('latin1')}\n${bytes.toString('hex')}`, mayHold: nothing };
    });
}

/** Every answer, right or wrong, without what that very answer gives to its owner. */
export function answers({ exchanges }: Recorder, secrets: KnownSecrets): Place[] {
  return exchanges.map((exchange, number) => ({
    name: `answer ${exchange.status} to ${exchange.asked}`,
    text: secrets.givenIn(number).reduce((text, value) => text.replaceAll(value, ''), exchange.answer),
    mayHold: (secret) => belongsIn(exchange, secret),
  }));
}

function belongsIn({ isPage, status, asked }: Exchange, { kind }: Secret): boolean {
  const redirects = status >= 300 && status < 400;
  if (kind === 'form token') return isPage && status < 500;
  // In the address of the page, which its form posts to.
  if (kind === 'handle') return redirects || isPage;
  // OIDC Core §2: a claim of the ID token.
  if (kind === 'nonce') return status === 200 && asked.startsWith('POST /token');
  return kind === 'state' && redirects;
}

/** "<kind> in <place>" for each that stands where it does not belong. */
export function leaks(secrets: KnownSecrets, places: readonly Place[]): string[] {
  const windows = secrets.windows();
  return places.flatMap(({ name, text, mayHold }) => {
    const foreign = [...piecesIn(text, windows)].filter((owners) => !owners.some(mayHold));
    return [...new Set(foreign.flatMap((owners) => owners.map(({ kind }) => `${kind} in ${name}`)))];
  });
}
