import { z } from 'zod';
import { generation } from './identifier.js';

/**
 * What a revocation view holds. `session`, `grant`, `token` and `key` entries refuse the id for good (`key`: whatever was sealed or signed
 * under that kid); `subject` and `client`
 * entries refuse every lower generation and nothing issued later (DESIGN, "Generations, not times").
 * `at`: database time of the change, milliseconds since the epoch; the entry lives until `at` + horizon.
 */
export const revocationEntry = z.discriminatedUnion('kind', [
  /** `end_id` names the end in every log line of its cascade; nothing is decided by it. */
  z.strictObject({ kind: z.literal('session'), id: z.string().min(1), at: z.int(), end_id: z.string().min(1).optional() }),
  z.strictObject({ kind: z.literal('grant'), id: z.string().min(1), at: z.int() }),
  z.strictObject({ kind: z.literal('token'), id: z.string().min(1), at: z.int() }),
  z.strictObject({ kind: z.literal('key'), id: z.string().min(1), at: z.int() }),
  z.strictObject({ kind: z.literal('subject'), id: z.string().min(1), gen: generation, at: z.int() }),
  z.strictObject({ kind: z.literal('client'), id: z.string().min(1), gen: generation, at: z.int() }),
]);
export type RevocationEntry = z.infer<typeof revocationEntry>;
export type RevocationKind = RevocationEntry['kind'];
