import { portsOf } from '#libs/config';
import { SERVICES } from '#libs/contracts';
import { serviceOf } from '../../scripts/cluster/routes.js';
import { composeFile, instancesOf, textOf } from './compose-file.js';

/** The proxy of docker-compose.yml sends each path where docs/architecture.md says (test/proxy runs those routes), and nowhere that is internal. */
const conf = textOf('deploy/nginx/nginx.conf');
const locations = [...conf.matchAll(/location ~ (\S+) \{\s*(?:return (\d+)|proxy_pass http:\/\/(\w+))/g)];

/** nginx takes the first expression that fits, then the prefix. */
function routed(path: string): string | undefined {
  const fits = locations.find(([, expression = '']) => new RegExp(expression).test(path));
  return fits ? (fits[2] ?? fits[3]) : /location \/ \{ proxy_pass http:\/\/(\w+); \}/.exec(conf)?.[1];
}

describe('deploy/nginx/nginx.conf', () => {
  it.each([
    ...[
      '/',
      '/authorize',
      '/userinfo',
      '/logout',
      '/account/sessions',
      '/.well-known/openid-configuration',
      '/.well-known/jwks',
      '/tokens',
    ],
    ...[
      '/token',
      '/revoke',
      '/jwks',
      '/introspect',
      '/introspection',
      '/authz',
      '/authorize/x',
      '/revocations',
      '/revocations/probe',
      '/interaction/token',
    ],
    ...['/admin/users', '/admin/clients/x', '/admin/auth/openapi.json', '/admin/configuration', '/admin/tokenish'],
    ...[
      '/admin/grants',
      '/admin/keys/k/revoke',
      '/admin/token/dead-letters',
      '/admin/sessions/s',
      '/admin/deliveries',
      '/admin/session/status',
    ],
  ])('sends %s to the service that owns it', (path) => {
    expect(routed(path)).toBe(serviceOf(path));
  });

  it.each(['/metrics', '/internal/session/end', '/internal'])('%s is nobody’s', (path) => {
    expect(routed(path)).toBe('404');
  });

  it('knows both instances of each service by the addresses of docker-compose.yml, and public ports only', () => {
    const file = composeFile();
    for (const service of SERVICES) {
      const block = new RegExp(`upstream ${service} \\{([^}]*)\\}`).exec(conf)?.[1] ?? '';
      const servers = [...block.matchAll(/server (\S+)/g)].map(([, server]) => server);
      const addresses = instancesOf(file, service).map(
        ([, { environment }]) => `${environment?.LANYARD_HOST}:${portsOf(service, 4_000).public}`,
      );
      expect(servers).toEqual(addresses);
    }
    expect(conf).toMatch(/listen 8080;/);
  });
});
