import { z } from 'zod';
import { type ProviderSettings, unstorableAt } from '#libs/protocol';
import type { ConfigProblem } from '../config-error.js';
import { ConfigError } from '../config-error.js';
import type { SourceFile } from '../file/read-file.js';
import { apiSchema } from './api-schema.js';
import type { Catalogue } from './catalogue.js';
import { clientSchema } from './client-schema.js';
import { crossCheck } from './cross-checks.js';
import { resolveSecrets } from './resolve-secrets.js';
import { userSchema } from './user-schema.js';

const sections = z.object({
  apis: z
    .array(z.unknown(), 'expected a list')
    .nullish()
    .transform((list) => list ?? []),
  clients: z
    .array(z.unknown(), 'expected a list')
    .nullish()
    .transform((list) => list ?? []),
  users: z
    .array(z.unknown(), 'expected a list')
    .nullish()
    .transform((list) => list ?? []),
});
const catalogue = z.object({ apis: z.array(apiSchema), clients: z.array(clientSchema), users: z.array(userSchema) });

export interface CatalogueContext {
  settings: ProviderSettings;
  issuer: string;
  env: NodeJS.ProcessEnv;
}

/** Checks all of it before any of it is used, so that nothing is ever half-imported. */
export function parseCatalogue(file: SourceFile, value: unknown, { settings, issuer, env }: CatalogueContext): Catalogue {
  const lists = sections.safeParse(value);
  if (!lists.success) throw file.error(lists.error);
  const problems: ConfigProblem[] = [];
  const report = (path: PropertyKey[], message: string) => problems.push(file.problem(path, message));
  resolveSecrets(lists.data, env, report);
  const unstorable = unstorableAt(lists.data);
  if (unstorable) throw new ConfigError([file.problem(unstorable, 'expected text without NUL and unpaired surrogates')]);
  const parsed = catalogue.safeParse(lists.data);
  if (!parsed.success) throw new ConfigError([...problems, ...file.error(parsed.error).problems]);
  crossCheck(parsed.data, settings, issuer, report);
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}
