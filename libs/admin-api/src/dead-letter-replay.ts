import { z } from 'zod';

/** Which dead letters of a group reader are handed over again: those named, or page by page all that wait. */
export const replayBody = z
  .strictObject({
    ids: z.array(z.int().positive()).min(1).max(200).optional(),
    all: z.literal(true).optional(),
    after: z.int().positive().optional().describe('With all: the answer’s after, for the next page.'),
  })
  .refine(
    ({ ids, all, after }) => (ids === undefined) !== (all === undefined) && (after === undefined || all === true),
    'ids, or all with or without after',
  );

export const replayResponse = z.strictObject({
  results: z.array(z.strictObject({ id: z.int(), replayed: z.boolean(), error: z.string().nullable() })),
  after: z.int().optional().describe('With all: there may be more after this one.'),
});
