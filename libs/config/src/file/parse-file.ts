import { ConfigError } from '../config-error.js';
import { type ConfigFile, fileSchema } from './file-schema.js';
import type { SourceFile } from './read-file.js';

/** The members that every service reads, checked; of `apis`, `clients` and `users` only that they are there. No file is an empty one. */
export function parseFile(source: SourceFile | null): ConfigFile {
  const written = source?.value() ?? {};
  if (typeof written !== 'object' || Array.isArray(written)) {
    throw new ConfigError([{ where: source?.path ?? 'configuration', message: 'expected members such as issuer, settings, clients' }]);
  }
  // `settings:` with nothing under it is a section without entries, not a null.
  const value = Object.fromEntries(Object.entries(written).filter(([, member]) => member !== null));
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw source?.error(parsed.error) ?? parsed.error;
}
