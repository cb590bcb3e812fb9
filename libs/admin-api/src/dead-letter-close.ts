import { z } from 'zod';

const MAX_BATCH = 200;

/**
 * Which dead letters of a group reader are closed, and why. The reason is read in terminals and stays in the audit: one line, without NUL, escapes and
 * unpaired surrogates, which Postgres could not store either.
 */
export const closeBody = z.strictObject({
  ids: z.array(z.int().positive()).min(1).max(MAX_BATCH),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected one line of text')
    .describe('In the operator’s words; it stays in the audit.'),
});

export const closeResponse = z.strictObject({
  results: z.array(
    z.strictObject({
      id: z.int(),
      closed: z.boolean().describe('By this call.'),
      error: z.string().nullable().describe('Why not.'),
    }),
  ),
});
