import type { SourceName, StreamName } from '#libs/contracts';

/** `prefix`: for those who share a cluster, and for specs. */
export const TOPIC_PREFIX = 'lanyard';

export function topicOf(source: SourceName, stream: StreamName, prefix = TOPIC_PREFIX): string {
  return stream === 'revocations' ? `${prefix}.revocations.${source}` : `${prefix}.${source}-events`;
}
