import type { BaseConfig } from '#libs/config';

/** What the boundary needs of a service's configuration. */
export type HttpConfig = Pick<
  BaseConfig,
  'issuer' | 'host' | 'ports' | 'trustedProxies' | 'logLevel' | 'internalUrls' | 'serviceKey' | 'serviceKeys'
> &
  Partial<Pick<BaseConfig, 'dataDir' | 'drainDelayMs' | 'advertisedHost'>>;
