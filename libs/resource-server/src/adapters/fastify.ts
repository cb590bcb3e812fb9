import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessToken } from '../access-token.js';
import { BearerError } from '../bearer-error.js';
import { createResourceServer } from '../create-resource-server.js';
import type { ResourceServerOptions } from '../options.js';
import type { ResourceServer } from '../resource-server.js';
import { admit, type Needs } from './admit.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** A hook that lets a request pass with `request.accessToken`, or answers as RFC 6750 says. As `onRequest` no body is read for a stranger. */
    requireAccess(needs?: Needs<FastifyRequest>): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
  }
  interface FastifyRequest {
    /** Behind `requireAccess`: what the request's access token says. */
    accessToken: AccessToken | null;
  }
}

/** One that the application has, and stops; or the options of one that lives as long as the application. */
export type ResourceServerPluginOptions = { readonly server: ResourceServer } | ResourceServerOptions;

const plugin: FastifyPluginAsync<ResourceServerPluginOptions> = async (app, options) => {
  const server = 'server' in options ? options.server : await createResourceServer(options);
  if (!('server' in options)) app.addHook('onClose', async () => server.stop());
  app.decorateRequest('accessToken', null);
  app.decorate('requireAccess', (needs: Needs<FastifyRequest> = {}) => async (request: FastifyRequest, reply: FastifyReply) => {
    const admitted = await admit(server, request, needs);
    if (admitted instanceof BearerError) return reply.code(admitted.status).headers(admitted.headers).send(admitted.body);
    request.accessToken = admitted;
    return undefined;
  });
};

/** What `fastify-plugin` would do: decorations are for the whole application, and the version is checked when it is registered. */
export const resourceServerPlugin = Object.assign(plugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@lanyard/resource-server',
  [Symbol.for('plugin-meta')]: { name: '@lanyard/resource-server', fastify: '5.x' },
});
