import type { RevocationEntry, SourceName } from '#libs/contracts';
import { until } from '#libs/testing';
import type { BroadcastHandlers, BroadcastProof, BroadcastReader } from '../broadcast/broadcast-reader.js';

type Call =
  | { call: 'entries'; source: SourceName; ids: string[] }
  | { call: 'proof'; source: SourceName; proof: BroadcastProof }
  | { call: 'gap'; source: SourceName; reason: string };

/** Everything a reader said, in its order. */
export class ReaderLog implements BroadcastHandlers {
  readonly calls: Call[] = [];

  onEntries(source: SourceName, entries: RevocationEntry[]): void {
    this.calls.push({ call: 'entries', source, ids: entries.map((entry) => entry.id) });
  }

  onProof(source: SourceName, proof: BroadcastProof): void {
    this.calls.push({ call: 'proof', source, proof });
  }

  onGap(source: SourceName, reason: string): void {
    this.calls.push({ call: 'gap', source, reason });
  }

  has(id: string): boolean {
    return this.calls.some((call) => call.call === 'entries' && call.ids.includes(id));
  }

  gaps(source: SourceName): string[] {
    return this.calls.flatMap((call) => (call.call === 'gap' && call.source === source ? call.reason : []));
  }

  proofs(source: SourceName): BroadcastProof[] {
    return this.calls.flatMap((call) => (call.call === 'proof' && call.source === source ? call.proof : []));
  }

  /** Waits for a proof sent after `moment`, and says whether `id` had been handed in when it came. */
  async provenWith(source: SourceName, moment: number, id: string): Promise<boolean> {
    const isIt = (call: Call) => call.call === 'proof' && call.source === source && call.proof.sentMonotonic >= moment;
    await until(() => this.calls.some(isIt), { what: `a proof of ${source} sent after ${moment}` });
    const before = this.calls.slice(0, this.calls.findIndex(isIt));
    return before.some((call) => call.call === 'entries' && call.ids.includes(id));
  }

  async startedBy(reader: BroadcastReader): Promise<this> {
    await reader.start(this);
    return this;
  }
}
