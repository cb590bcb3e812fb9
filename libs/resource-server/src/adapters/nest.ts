import {
  type CanActivate,
  createParamDecorator,
  type DynamicModule,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  type InjectionToken,
  Module,
  mixin,
  type OnApplicationShutdown,
  type OptionalFactoryDependency,
  UseGuards,
} from '@nestjs/common';
import type { AccessToken } from '../access-token.js';
import { BearerError } from '../bearer-error.js';
import { createResourceServer } from '../create-resource-server.js';
import type { ResourceServerOptions } from '../options.js';
import type { ResourceServer } from '../resource-server.js';
import { admit, type HttpRequest, type Needs } from './admit.js';

/** To inject the resource server itself. */
export const RESOURCE_SERVER = Symbol.for('@lanyard/resource-server');

/** The same for one of several: an application that is several APIs names each. */
export function resourceServer(name: string): symbol {
  return Symbol.for(`@lanyard/resource-server/${name}`);
}

interface Request extends HttpRequest {
  accessToken?: AccessToken;
}

/** Both platforms' answers have it. */
interface Response {
  header(name: string, value: string): unknown;
}

/** Guards a controller or a handler. With both, both must hold. `token`: of the resource server, where there are several. */
export function RequireAccess<R extends Request = Request>(
  needs: Needs<R> = {},
  token: symbol = RESOURCE_SERVER,
): ClassDecorator & MethodDecorator {
  @Injectable()
  class AccessGuard implements CanActivate {
    constructor(@Inject(token) private readonly server: ResourceServer) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      if (context.getType() !== 'http') throw new Error('RequireAccess guards HTTP handlers only');
      const request = context.switchToHttp().getRequest<R>();
      const admitted = await admit(this.server, request, needs);
      if (admitted instanceof BearerError) throw refusal(admitted, context.switchToHttp().getResponse<Response>());
      request.accessToken = admitted;
      return true;
    }
  }
  return UseGuards(mixin(AccessGuard));
}

/** A handler's parameter: what the request's access token says. The handler has to be behind `RequireAccess`. */
export const VerifiedToken = createParamDecorator((_data: unknown, context: ExecutionContext): AccessToken => {
  const { accessToken } = context.switchToHttp().getRequest<Request>();
  if (!accessToken) throw new Error('VerifiedToken needs RequireAccess on the handler or its controller');
  return accessToken;
});

/** What Nest's exception filters make of it keeps the headers, because they are on the answer already. */
function refusal({ status, headers, body, message }: BearerError, response: Response): HttpException {
  for (const [name, value] of Object.entries(headers)) response.header(name, value);
  return new HttpException(body ?? {}, status, { description: message });
}

/** The one that a module is of, to that module alone. */
const OWN = Symbol('the resource server of this module');

/** Which of several resource servers a module is of. */
export interface Named {
  readonly name?: string;
}

/** For the whole application; ends the feed when that shuts down. */
@Module({})
export class ResourceServerModule implements OnApplicationShutdown {
  constructor(@Inject(OWN) private readonly server: ResourceServer) {}

  static forRoot({ name, ...options }: ResourceServerOptions & Named): DynamicModule {
    return ResourceServerModule.forRootAsync({ ...(name === undefined ? {} : { name }), useFactory: () => options });
  }

  static forRootAsync<A extends unknown[]>({
    name,
    imports = [],
    inject = [],
    useFactory,
  }: Named & {
    imports?: DynamicModule['imports'];
    inject?: (InjectionToken | OptionalFactoryDependency)[];
    useFactory: (...injected: A) => ResourceServerOptions | Promise<ResourceServerOptions>;
  }): DynamicModule {
    const token = name === undefined ? RESOURCE_SERVER : resourceServer(name);
    const create = async (...injected: A) => createResourceServer(await useFactory(...injected));
    return {
      ...{ module: ResourceServerModule, global: true, imports },
      providers: [
        { provide: token, inject, useFactory: create },
        { provide: OWN, useExisting: token },
      ],
      exports: [token],
    };
  }

  onApplicationShutdown(): void {
    this.server.stop();
  }
}
