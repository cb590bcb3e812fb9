/** What is committed, as the watch's one statement sees it. */
export interface Snapshot {
  sessions: {
    sid: string;
    sub: string;
    gen: number;
    state: 'active' | 'ended';
    end_id: string | null;
    reason: string | null;
    due: number;
  }[];
  participants: { sid: string; client: string; round: number }[];
  deliveries: { sid: string; client: string; round: number; state: string }[];
  grants: GrantSeen[];
  codes: { mac: string; gid: string | null }[];
  subjects: { sub: string; gen: number; disabled: boolean }[];
  outbox: RowSeen[];
  /** Of each stream's partition the number given last, and the one up to which its relay says it is published. */
  last: { of: string; number: number; published: number }[];
  /** Up to where a group reader says that it has done everything. */
  positions: { reader: string; source: string; partition: number; position: number }[];
  /** `reader event` of what was handled, and of what became a dead letter. */
  done: { of: string }[];
}

export interface GrantSeen {
  gid: string;
  sid: string;
  sub: string;
  mode: 'online' | 'offline' | 'none';
  seq: number | null;
  rotated: number | null;
  revoked: string | null;
}

export interface RowSeen {
  source: 'auth' | 'session' | 'token';
  row: number;
  stream: 'events' | 'revocations';
  partition: number;
  event: string;
  number: number | null;
  name: string;
  key: string;
  gen: number | null;
}

export const NOTHING_YET: Snapshot = {
  sessions: [],
  participants: [],
  deliveries: [],
  grants: [],
  codes: [],
  subjects: [],
  outbox: [],
  last: [],
  positions: [],
  done: [],
};
