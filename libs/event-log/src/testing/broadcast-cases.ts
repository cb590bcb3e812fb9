import { strict as assert } from 'node:assert';
import type { SourceName } from '#libs/contracts';
import { until } from '#libs/testing';
import type { BroadcastReader } from '../broadcast/broadcast-reader.js';
import { ReaderLog } from './reader-log.js';

/** What a driver's spec has to bring. `reader` makes one that the harness stops afterwards. */
export interface BroadcastHarness {
  reader(): BroadcastReader;
  /** Ends these sessions in one committed transaction. */
  end(...sids: string[]): Promise<void>;
  /** Ends it in a transaction that stays open. */
  endSlowly(sid: string): Promise<{ commit(): Promise<void> }>;
  /** Runs the relay once. */
  relay(): Promise<void>;
  /** Makes the record of this session, already numbered, disappear from the log. */
  lose(sid: string): Promise<void>;
  /** Makes the log another epoch in which numbers and tickets start below what was seen. */
  newEpoch(): Promise<void>;
  /** No source can be reached until the answer is called. */
  cut(): Promise<() => Promise<void>>;
}

export interface BroadcastCase {
  name: string;
  run(harness: BroadcastHarness): Promise<void>;
}

const SOURCE: SourceName = 'session';
/** Of what a driver reads from the database at a time. */
const MORE_THAN_A_PAGE = 5_003;
const now = () => performance.now();

/** A proof sent after a commit comes after the commit's entries: the one sentence that everything else serves. */
export const BROADCAST_CASES: readonly BroadcastCase[] = [
  {
    name: 'hands in at the start what was committed before it, and only then proves it',
    async run(h) {
      await h.end('before-1', 'before-2');
      await h.relay();
      await h.end('before-unnumbered');
      const log = await new ReaderLog().startedBy(h.reader());
      for (const sid of ['before-1', 'before-2', 'before-unnumbered'])
        assert.ok(await log.provenWith(SOURCE, 0, sid), `proven without ${sid}`);
    },
  },
  {
    name: 'hands in what commits later before any proof that was sent after the commit, relay or no relay',
    async run(h) {
      const log = await new ReaderLog().startedBy(h.reader());
      for (const sid of ['a', 'b', 'c', 'd', 'e', 'f']) {
        await h.end(sid);
        const committed = now();
        if (sid > 'c') await h.relay();
        assert.ok(await log.provenWith(SOURCE, committed, sid), `proven without ${sid}`);
      }
    },
  },
  {
    name: 'hands in more than comes in one page, also of one moment, at the start and later',
    async run(h) {
      const [before, later] = ['before', 'later'].map((when) => Array.from({ length: MORE_THAN_A_PAGE }, (_, n) => `${when}-${n}`));
      await h.end(...(before ?? []));
      await h.relay();
      const log = await new ReaderLog().startedBy(h.reader());
      for (const sid of before ?? []) assert.ok(await log.provenWith(SOURCE, 0, sid), `proven without ${sid}`);
      await h.end(...(later ?? []));
      await h.relay();
      const committed = now();
      for (const sid of later ?? []) assert.ok(await log.provenWith(SOURCE, committed, sid), `proven without ${sid}`);
    },
  },
  {
    name: 'does not skip a transaction that commits after later ones were read',
    async run(h) {
      const log = await new ReaderLog().startedBy(h.reader());
      const slow = await h.endSlowly('slow');
      await h.end('fast');
      await h.relay();
      assert.ok(await log.provenWith(SOURCE, now(), 'fast'), 'proven without fast');
      await slow.commit();
      const committed = now();
      await h.relay();
      assert.ok(await log.provenWith(SOURCE, committed, 'slow'), 'proven without slow');
    },
  },
  {
    name: 'says that a number is missing, and proves nothing until it has recovered',
    async run(h) {
      const reader = h.reader();
      const log = await new ReaderLog().startedBy(reader);
      await h.end('seen');
      await h.relay();
      assert.ok(await log.provenWith(SOURCE, now(), 'seen'), 'proven without seen');
      await h.lose('lost');
      const lost = now();
      await until(() => log.gaps(SOURCE).length > 0, { timeoutMs: 3_000, what: 'a gap' });
      const gap = log.calls.findIndex((call) => call.call === 'gap' && call.source === SOURCE);
      const proven = log.calls.findIndex((call) => call.call === 'proof' && call.source === SOURCE && call.proof.sentMonotonic >= lost);
      assert.ok(proven === -1 || proven > gap, 'a proof that was sent after the loss and before the gap was told');
      assert.match(log.gaps(SOURCE)[0] ?? '', /missing/);
      const told = now();
      await until(() => log.proofs(SOURCE).some((proof) => proof.sentMonotonic > told), { timeoutMs: 15_000, what: 'recovery' });
    },
  },
  {
    name: 'notices a new epoch and reads again what was committed since, before it proves anything of it',
    async run(h) {
      const log = await new ReaderLog().startedBy(h.reader());
      await h.end('old-1', 'old-2', 'old-3');
      await h.relay();
      assert.ok(await log.provenWith(SOURCE, now(), 'old-3'), 'proven without old-3');
      await h.newEpoch();
      await h.end('new');
      await h.relay();
      const committed = now();
      assert.ok(await log.provenWith(SOURCE, committed, 'new'), 'proven without new');
      assert.ok(log.gaps(SOURCE).length > 0, 'not told of the epoch');
    },
  },
  {
    name: 'proves nothing while the source is away, and goes on by itself afterwards',
    async run(h) {
      const reader = h.reader();
      const log = await new ReaderLog().startedBy(reader);
      await h.end('first');
      assert.ok(await log.provenWith(SOURCE, now(), 'first'), 'proven without first');
      const restore = await h.cut();
      const away = now();
      const proofsWhileAway = () => log.proofs(SOURCE).filter((proof) => proof.sentMonotonic > away).length;
      // Tries of its own, each over when it is known what came of it.
      for (let tries = 0; tries < 2; tries++) await reader.probe?.(SOURCE);
      assert.equal(proofsWhileAway(), 0, 'proven while the source was away');
      await restore();
      await h.end('second');
      assert.ok(await log.provenWith(SOURCE, now(), 'second'), 'proven without second');
    },
  },
];
