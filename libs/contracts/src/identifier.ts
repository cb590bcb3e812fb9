import { z } from 'zod';

/** Any id of ours or of others. Postgres stores no NUL: refused here, or it would be an error of the database later. */
export const identifier = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\0]+$/, 'expected text without NUL');

/** Which partition of a stream; what the column can hold. */
export const partitionNumber = z.int().min(0).max(32_767);

/** How often everything of a subject or a client was revoked at once; what the column can hold. */
export const generation = z.int().min(0).max(2_147_483_647);
