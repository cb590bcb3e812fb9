import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKek } from '#libs/config';
import { CliError, EXIT } from '../exit-codes.js';

export interface ChosenKek {
  readonly from: Buffer;
  readonly to: Buffer;
  /** After the database has changed. */
  settle(): void;
}

type Name = 'LANYARD_KEK' | 'LANYARD_SEALING_KEK';
const FILES = { LANYARD_KEK: 'kek', LANYARD_SEALING_KEK: 'sealing-kek' } as const;

/** What the environment says goes before what `npm start` made, as it does at a start. */
export function chooseKek(name: Name, env: NodeJS.ProcessEnv, secrets: string | null): ChosenKek {
  const next = readKek(`${name}_NEXT`, env);
  const given = readKek(name, env);
  if (given) return { from: given, to: next ?? given, settle: () => undefined };
  if (secrets === null)
    throw new CliError(EXIT.usage, `Set ${name} or ${name}_FILE to the key of now, and ${name}_NEXT to the one to come.`);
  return inFolder(name, join(secrets, FILES[name]), next);
}

/**
 * The new one is on the disk before the database is under it, and becomes the one of the next start afterwards, in one step. Whatever happens in
 * between, a second run finds the same new one and finishes.
 */
function inFolder(name: Name, file: string, next: Buffer | null): ChosenKek {
  const coming = `${file}.next`;
  if (next || !existsSync(coming)) {
    const content = `${(next ?? randomBytes(32)).toString('base64url')}\n`;
    writeFileSync(`${coming}.new`, content, { mode: 0o600, flush: true });
    renameSync(`${coming}.new`, coming);
  }
  const settle = () => {
    copyFileSync(file, `${file}.previous`);
    renameSync(coming, file);
  };
  return { from: kekIn(name, file), to: kekIn(name, coming), settle };
}

function kekIn(name: Name, path: string): Buffer {
  const bytes = readKek(name, { [`${name}_FILE`]: path });
  if (!bytes) throw new Error(`${path} holds no key`);
  return bytes;
}
