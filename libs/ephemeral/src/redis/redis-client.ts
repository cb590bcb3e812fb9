import { Redis } from 'ioredis';

/** A dead address must not hold a reconnect for the 10 s that ioredis would wait. */
const CONNECT_MS = 1_000;
/** Nothing heard for so long with a command under way: the connection is a half-open one. */
const SILENT_MS = 2_000;

export interface RedisAddress {
  /** redis:// or rediss://, with user and password where there are any. */
  readonly url: string;
  /** PEM; the system's roots otherwise. Only with rediss://. */
  readonly ca: string | null;
}

/**
 * No queue while there is no connection, and no second try: whoever waits here holds a request. Commands have a deadline in RedisStore. Reconnects come after
 * 50 ms, 100 ms … 2 s, each with as much again by chance, so that a hundred processes do not come back in one moment.
 */
export function connectRedis({ url, ca }: RedisAddress, onError: (error: unknown) => void): Redis {
  const client = new Redis(url, {
    connectionName: 'lanyard',
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt - 1, 6)) * (0.5 + Math.random()),
    // A replica that was the primary a moment ago: another connection may lead to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(ca === null ? {} : { tls: { ca } }),
  });
  // Without a listener ioredis writes to the console, with the address in it.
  client.on('error', onError);
  return client;
}
