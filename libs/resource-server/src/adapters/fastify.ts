import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessToken } from '../access-token.js';
import { BearerError } from '../bearer-error.js';
import { createResourceServer } from '../create-resource-server.js';
import type { ResourceServerOptions } from '../options.js';
import type { ResourceServer } from '../resource-server.js';
import { admit, type Needs } from './admit.js';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

declare module 'fastify' {
  interface FastifyInstance {
    /** A hook that lets a request pass with `request.accessToken`, or answers as RFC 6750 says. As `onRequest` no body is read for a stranger. */
    requireAccess(needs?: Needs<FastifyRequest>): Hook;
  }
  interface FastifyRequest {
    /** Behind `requireAccess`: what the request's access token says. */
    accessToken: AccessToken | null;
  }
}

/** One that the application has, and stops; or the options of one that lives as long as the application. */
export type ResourceServerPluginOptions = { readonly server: ResourceServer } | ResourceServerOptions;

/** The same hook for a resource server of one's own: an application that is several APIs has one for each, and no plugin. */
export function requireAccess(server: ResourceServer, needs: Needs<FastifyRequest> = {}): Hook {
  return async (request, reply) => {
    const admitted = await admit(server, request, needs);
    if (admitted instanceof BearerError) return reply.code(admitted.status).headers(admitted.headers).send(admitted.body);
    request.accessToken = admitted;
    return undefined;
  };
}

const plugin: FastifyPluginAsync<ResourceServerPluginOptions> = async (app, options) => {
  if (app.hasDecorator('requireAccess')) {
    throw new Error('resourceServerPlugin is for one API: for another one in the same application use requireAccess(server, needs)');
  }
  const server = 'server' in options ? options.server : await createResourceServer(options);
  if (!('server' in options)) app.addHook('onClose', async () => server.stop());
  app.decorateRequest('accessToken', null);
  app.decorate('requireAccess', (needs?: Needs<FastifyRequest>) => requireAccess(server, needs));
};

/** What `fastify-plugin` would do: decorations are for the whole application, and the version is checked when it is registered. */
export const resourceServerPlugin = Object.assign(plugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@lanyard/resource-server',
  [Symbol.for('plugin-meta')]: { name: '@lanyard/resource-server', fastify: '5.x' },
});
