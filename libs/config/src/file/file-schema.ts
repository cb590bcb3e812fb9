import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { SERVICES } from '#libs/contracts';
import { isLoopbackHost, providerSettings, settingTypes, unknownMember } from '#libs/protocol';
import { LOG_LEVELS } from '../environment/variables.js';

export function isTrustedProxy(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}

/** RFC 8414 §2: https, no query, no fragment; http only where nobody else can listen. */
export function issuerProblem(text: string): string | null {
  const expected = 'expected an https URL without query, fragment or trailing slash (http on loopback only)';
  if (!URL.canParse(text) || /[?#\s]/.test(text) || text.endsWith('/')) return expected;
  const url = new URL(text);
  if (url.username || url.password) return expected;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname)) ? null : expected;
}

function baseUrlProblem(text: string): string | null {
  const fine = URL.canParse(text) && /^https?:\/\/[^/]/.test(text) && !/[?#\s]/.test(text);
  return fine ? null : 'expected an http or https URL without query or fragment';
}

const checked = (problem: (text: string) => string | null) =>
  z.string().superRefine((text, context) => {
    const message = problem(text);
    if (message) context.addIssue({ code: 'custom', message });
  });
const baseUrl = checked(baseUrlProblem).transform((text) => text.replace(/\/+$/, ''));
const urls = z.strictObject(
  Object.fromEntries(SERVICES.map((name) => [name, baseUrl.optional()])) as Record<
    (typeof SERVICES)[number],
    z.ZodOptional<typeof baseUrl>
  >,
);

/** The members that every service reads. `apis`, `clients` and `users` are auth's: the others don't look inside. */
const members = {
  issuer: checked(issuerProblem).optional().describe('The issuer, as it stands in every token and in discovery.'),
  public_urls: urls
    .default({})
    .describe(
      'Where clients reach auth, token, session and introspect; default: the issuer for auth, its host and our ports for the others. Behind one proxy: the issuer for all.',
    ),
  internal_urls: urls.default({}).describe('Where the services reach each other, if not on this machine.'),
  host: z.string().min(1).optional().describe('Address to listen on.'),
  port_base: z.int().min(1).max(65_500).optional().describe('First of the ports.'),
  log_level: z.enum(LOG_LEVELS).optional().describe('How much is logged.'),
  data_dir: z.string().min(1).optional().describe('Directory of what must survive a restart.'),
  trusted_proxies: z
    .array(z.string().refine(isTrustedProxy, 'expected an IP address or a CIDR range'))
    .default([])
    .describe('Addresses or CIDR ranges of proxies whose X-Forwarded-For and X-Request-Id are believed.'),
  settings: z.unknown().describe('Provider settings, below.'),
  apis: z.unknown().optional().describe('APIs (resource servers’ audiences) with their scopes.'),
  clients: z.unknown().optional().describe('Clients, by their registered metadata.'),
  users: z.unknown().optional().describe('Users, created once; afterwards only claims and roles follow the file.'),
};
export const FILE_MEMBERS = members;

const knownOnly = (known: readonly string[]) => (value: object, context: z.RefinementCtx) => {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) context.addIssue({ code: 'custom', path: [name], message: unknownMember(name, known) });
  }
};

const settings = providerSettings
  .loose()
  .superRefine(knownOnly(Object.keys(settingTypes)))
  .superRefine((value, context) => {
    // Only what was written is judged: the default of the one must not forbid a smaller value of the other.
    for (const name of ['access_token_ttl', 'browser_access_token_ttl'] as const) {
      const written = value[name] !== providerSettings.shape[name].parse(undefined);
      if (written && value[name] > value.max_access_token_ttl) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `expected at most max_access_token_ttl (${value.max_access_token_ttl})`,
        });
      }
    }
  })
  .transform((value) => providerSettings.parse(value));

export const fileSchema = z.looseObject({ ...members, settings: settings.prefault({}) }).superRefine(knownOnly(Object.keys(members)));
export type ConfigFile = z.infer<typeof fileSchema>;
