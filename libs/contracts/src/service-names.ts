import { z } from 'zod';

/** The four services; also the name in a service token's `iss` and `aud`. */
export const SERVICES = ['auth', 'token', 'session', 'introspect'] as const;
export type ServiceName = (typeof SERVICES)[number];
export const serviceName = z.enum(SERVICES);

/** The services that own tables and therefore publish: each is one *source* of the event log. */
export const SOURCES = ['auth', 'session', 'token'] as const;
export type SourceName = (typeof SOURCES)[number];
export const sourceName = z.enum(SOURCES);

/** Two streams per source: `revocations` feeds every view (entries), `events` feeds the group readers (business events). */
export const STREAMS = ['revocations', 'events'] as const;
export type StreamName = (typeof STREAMS)[number];
export const streamName = z.enum(STREAMS);

/**
 * Which services read which source's `events` stream as a group. The owner keeps what these have not passed
 * (RELIABILITY §9, §13); a new group reader must be added here before it starts.
 */
export const GROUP_READERS: Record<SourceName, readonly ServiceName[]> = {
  auth: ['session', 'token'],
  session: ['token'],
  token: [],
};
