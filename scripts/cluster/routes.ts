import type { ServiceName } from '#libs/contracts';

/** Which service the first part of a path belongs to, as docs/architecture.md says; everything else is auth's. */
const ROUTES: Readonly<Record<string, ServiceName>> = {
  ...{ token: 'token', revoke: 'token', jwks: 'token' },
  ...{ introspect: 'introspect', authz: 'introspect', revocations: 'introspect' },
};
const ADMIN: Readonly<Record<string, ServiceName>> = {
  ...{ grants: 'token', keys: 'token', token: 'token' },
  ...{ sessions: 'session', deliveries: 'session', session: 'session' },
};

export function serviceOf(pathname: string): ServiceName {
  const [, first = '', second = ''] = pathname.split('/');
  return (first === 'admin' ? ADMIN[second] : ROUTES[first]) ?? 'auth';
}
