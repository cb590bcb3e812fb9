import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { CLIENT_ID } from '#libs/config';
import { changed, clientAnswer, name, ORIGINS } from './answers.js';

const READ = { scope: 'lanyard:clients:read' } as const;
const WRITE = { scope: 'lanyard:clients:write' } as const;
const params = z.strictObject({ client_id: name });
const metadata = z.record(z.string(), z.unknown());
const confirmed = z.boolean().describe('Every process knows the record as it is now.');
const secret = z.string().describe('Said this once; only a keyed hash of it is kept.');
const registered = z.strictObject({ client: clientAnswer, client_secret: secret.nullable(), confirmed });

export const clientRoutes = {
  list: adminRoute({
    ...READ,
    method: 'GET',
    path: '/admin/clients',
    summary: 'Clients by client_id.',
    query: z.strictObject({
      ...pageQuery,
      search: name.optional().describe('How the client_id begins.'),
      disabled: z.boolean().optional(),
      origin: z.enum(ORIGINS).optional(),
    }),
    response: pageResponse(clientAnswer),
  }),
  create: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/clients',
    summary: 'Registers a client by the rules of the configuration file; a secret is made where its method needs one.',
    body: z.strictObject({ client_id: CLIENT_ID.optional().describe('Left out: a random one.'), metadata }),
    response: registered,
    status: 201,
  }),
  read: adminRoute({ ...READ, method: 'GET', path: '/admin/clients/{client_id}', summary: 'One client.', params, response: clientAnswer }),
  change: adminRoute({
    ...WRITE,
    method: 'PATCH',
    path: '/admin/clients/{client_id}',
    summary: 'Replaces members of the registration; null removes one. Not for clients of the file.',
    params,
    body: z.strictObject({ metadata }),
    response: registered,
  }),
  disable: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/clients/{client_id}/disable',
    summary: 'Fails everywhere from now on; its tokens die, its grants wait.',
    params,
    response: changed,
  }),
  enable: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/clients/{client_id}/enable',
    summary: 'Its grants resume; tokens from before stay dead.',
    params,
    response: changed,
  }),
  addSecret: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/clients/{client_id}/secrets',
    summary: 'A second secret beside the first. Not for clients of the file.',
    params,
    response: z.strictObject({ secret_id: z.string(), client_secret: secret, confirmed }),
    status: 201,
  }),
  removeSecret: adminRoute({
    ...WRITE,
    method: 'DELETE',
    path: '/admin/clients/{client_id}/secrets/{secret_id}',
    summary: 'Removes one of two secrets. Not for clients of the file.',
    params: z.strictObject({ client_id: name, secret_id: name }),
    response: z.strictObject({ confirmed }),
  }),
};
