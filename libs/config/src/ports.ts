import type { ServiceName } from '#libs/contracts';
import type { ServicePorts } from './config.js';

const OFFSET: Record<ServiceName, number> = { auth: 0, token: 1, session: 2, introspect: 3 };
export const INTERNAL_PORT_OFFSET = 10;

/** PORT_BASE + 0 to 3: auth, token, session, introspect; + 10 to 13: their internal ports. */
export function portsOf(service: ServiceName, portBase: number): ServicePorts {
  const port = portBase + OFFSET[service];
  return { public: port, internal: port + INTERNAL_PORT_OFFSET };
}
