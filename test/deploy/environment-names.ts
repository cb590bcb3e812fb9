import { ENVIRONMENT } from '#libs/config';
import type { ServiceName } from '#libs/contracts';

/** What libs/config says that one service reads, with the `…_FILE` of secrets; what it must be told; and others' secrets, which it must not have. */
export function namesOf(service: ServiceName): { known: Set<string>; required: string[]; secret: Set<string> } {
  const spelled = (of: typeof ENVIRONMENT) => new Set(of.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])));
  const mine = ENVIRONMENT.filter(({ services }) => services.includes(service));
  const others = ENVIRONMENT.filter(({ services, secret }) => secret && !services.includes(service));
  return {
    known: spelled(mine),
    required: mine.filter(({ default: fallback }) => fallback === null).map(({ name }) => name),
    secret: spelled(others),
  };
}
