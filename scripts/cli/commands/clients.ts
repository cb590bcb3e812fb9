import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { acting, listing, reading } from '../answers.js';
import type { Command } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';

const CLIENT = { service: 'auth', takes: ['client_id'] } as const;

export const CLIENT_COMMANDS: readonly Command[] = [
  listing({
    name: 'clients list',
    summary: 'Clients by client_id.',
    service: 'auth',
    path: '/admin/clients',
    columns: ['client_id', 'disabled', 'origin', 'left_file', 'created_at'],
    filters: { search: { query: 'search' }, disabled: { query: 'disabled', isSwitch: true } },
  }),
  reading({ ...CLIENT, name: 'clients show', summary: 'One client.', path: '/admin/clients/{client_id}' }),
  acting({
    name: 'clients create',
    summary: 'Registers a client from a file of its metadata (YAML or JSON); prints its secret once.',
    service: 'auth',
    path: '/admin/clients',
    takes: ['file'],
    body: async ({ names: [file = ''] }) => registrationIn(file),
  }),
  acting({
    ...CLIENT,
    name: 'clients change',
    summary: 'Replaces members of a registration by those of --file; null removes one.',
    path: '/admin/clients/{client_id}',
    method: 'PATCH',
    options: { file: { type: 'string' } },
    body: async ({ values }) => ({ metadata: (await registrationIn(String(values.file ?? ''))).metadata }),
  }),
  acting({
    ...CLIENT,
    name: 'clients disable',
    summary: 'Fails everywhere; its tokens die, its grants wait.',
    path: '/admin/clients/{client_id}/disable',
  }),
  acting({
    ...CLIENT,
    name: 'clients enable',
    summary: 'Its grants resume; tokens from before stay dead.',
    path: '/admin/clients/{client_id}/enable',
  }),
  acting({
    ...CLIENT,
    name: 'clients add-secret',
    summary: 'A second secret beside the first.',
    path: '/admin/clients/{client_id}/secrets',
  }),
  acting({
    name: 'clients remove-secret',
    summary: 'Removes one of two secrets.',
    service: 'auth',
    path: '/admin/clients/{client_id}/secrets/{secret_id}',
    takes: ['client_id', 'secret_id'],
    method: 'DELETE',
  }),
];

async function registrationIn(file: string): Promise<{ client_id?: string; metadata: Record<string, unknown> }> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CliError(EXIT.usage, `${file || '--file'} can't be read: ${error.message}.`);
  });
  const content: unknown = parse(text);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new CliError(EXIT.usage, `${file} is not a map of metadata.`);
  const { client_id, ...metadata } = content as Record<string, unknown>;
  return { ...(typeof client_id === 'string' ? { client_id } : {}), metadata };
}
