import { z } from 'zod';
import { adminRoute } from '#libs/admin-api';

const MAX_BYTES = 1024 * 1024;
const scope = 'lanyard:configuration:write' as const;

const file = {
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'expected the name of a file, without its folder')
    .default('lanyard.yaml')
    .describe('For messages.'),
  text: z.string().describe('The whole file, YAML or JSON. What it does not name leaves the file.'),
};

const members = z.array(z.strictObject({ member: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }));
const change = z.strictObject({
  kind: z.enum(['api', 'scope', 'client', 'user']),
  id: z.string(),
  change: z
    .enum(['created', 'changed', 'adopted', 'returned', 'left'])
    .describe('left: disabled, and what hangs from it ends. adopted: the file decides about it from now on.'),
  members: members.describe('What changes. Of secrets and of claims only the name is told.'),
});
const needsRestart = z.array(z.string()).describe('Members that differ from what runs; only a start reads these.');

export const configurationRoutes = {
  plan: adminRoute({
    method: 'POST',
    path: '/admin/configuration/plan',
    scope,
    summary: 'Says what importing a configuration file would change. Changes nothing.',
    body: z.strictObject(file),
    bodyLimit: MAX_BYTES,
    response: z.strictObject({
      problems: z
        .array(z.strictObject({ where: z.string(), message: z.string() }))
        .describe('As a start would name them; then there is no plan.'),
      needs_restart: needsRestart,
      changes: z.array(change),
      plan: z.string().nullable().describe('Stands for exactly these changes of exactly this text.'),
    }),
  }),
  apply: adminRoute({
    method: 'POST',
    path: '/admin/configuration/apply',
    scope,
    summary: 'Imports a configuration file as it was planned; 409 when that would be something else by now.',
    body: z.strictObject({ ...file, plan: z.string().min(1).max(200) }),
    bodyLimit: MAX_BYTES,
    response: z.strictObject({
      needs_restart: needsRestart,
      changes: z.array(change),
      ended: z.int().describe('Sessions that ended by this call.'),
      confirmed: z.boolean().describe('Every registered view refuses what was ended. false: the log will tell it within the bound.'),
    }),
  }),
};
