import type { SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import { addPartitions } from '../outbox/add-partitions.js';
import { schemaOf } from '../partitions.js';
import { Relay, type RelayOptions } from '../relay/relay.js';
import { Ticker } from '../ticker.js';
import { behindWitness, type Numbers, WitnessFile } from './witness-file.js';

export interface LogOwnerOptions extends RelayOptions {
  dataDir: string;
  /** Of each stream; more than one with Kafka. */
  partitions?: number | undefined;
  /** What the log itself must be before numbers go into it: sentences that forbid to serve. */
  setUp?: (() => Promise<string[]>) | undefined;
  /** For the app's readiness: false with a sentence, until the database's epoch is vouched for. */
  onVerdict?: (ok: boolean, reason?: string) => void;
  witnessEveryMs?: number;
}

/**
 * What each owner runs: the check that its database is no restored copy, then the relay. Nobody gets a ticket of an epoch before an owner has
 * compared it with its witness and vouched for it, so no view anywhere is made fresh by a copy, however fast it starts. A restart or
 * fail-over that lost nothing is a new epoch that is vouched for within a tick.
 */
export class LogOwner {
  readonly relay: Relay;
  private readonly witness: WitnessFile;
  private readonly ticker: Ticker;
  private verdict: string | null = null;
  private prepared = false;

  constructor(
    private readonly db: Database,
    private readonly source: SourceName,
    private readonly options: LogOwnerOptions,
  ) {
    this.relay = new Relay(db, source, options);
    this.witness = new WitnessFile(options.dataDir, source);
    this.ticker = new Ticker(options.witnessEveryMs ?? 1_000, () => this.attest(), options.onError);
  }

  /** After the migrations. Resolves when the verdict is known, or the database could not be asked; it keeps asking. */
  async start(): Promise<void> {
    this.ticker.start();
    await this.ticker.run();
  }

  async stop(): Promise<void> {
    await this.ticker.stop();
    await this.relay.stop();
  }

  private async attest(): Promise<void> {
    if (!this.prepared && !(await this.prepare())) return;
    // The witness first: an instance that shares the file may raise it meanwhile, and numbers only grow.
    const known = await this.witness.read();
    const { epoch, vouched, refused, numbers } = await this.look();
    const behind = behindWitness(known, numbers);
    if (behind.length > 0) return this.refuse(epoch, behind);
    if (refused === epoch) return this.halt(`another instance of ${this.source} found that this database is a restored copy`);
    await this.witness.raise(numbers);
    if (vouched !== epoch) await this.vouch(epoch);
    this.tell(true);
    this.relay.start();
  }

  /** Once per process, and again until it went well. Later the log may go away: what was committed waits in the outbox. */
  private async prepare(): Promise<boolean> {
    const problems = (await this.options.setUp?.()) ?? [];
    if (problems.length > 0) this.tell(false, problems.join('; '));
    else if (this.options.partitions) await addPartitions(this.db, this.source, this.options.partitions);
    this.prepared = problems.length === 0;
    return this.prepared;
  }

  private async vouch(epoch: string): Promise<void> {
    const s = schemaOf(this.source);
    await this.db.query(
      `INSERT INTO ${s}.log_epoch_vouched (epoch) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET epoch = EXCLUDED.epoch`,
      [epoch],
    );
  }

  /** In the database, so that an instance without a witness, or with an older one, can't vouch for it again. */
  private async refuse(epoch: string, behind: string[]): Promise<void> {
    const s = schemaOf(this.source);
    await this.halt(
      `the ${this.source} database is a restored copy: ${behind.join('; ')} (${this.witness.path}). ` +
        'Sessions that ended since the copy was made would live again; an operator has to decide.',
    );
    await this.db.query(
      `INSERT INTO ${s}.log_epoch_vouched (refused) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET refused = EXCLUDED.refused`,
      [epoch],
    );
  }

  private async halt(reason: string): Promise<void> {
    this.tell(false, reason);
    await this.relay.stop();
  }

  private tell(ok: boolean, reason?: string): void {
    const verdict = `${ok} ${reason ?? ''}`;
    if (this.verdict === verdict) return;
    this.verdict = verdict;
    this.options.onVerdict?.(ok, reason);
  }

  private async look(): Promise<{ epoch: string; vouched: string | null; refused: string | null; numbers: Numbers }> {
    const s = schemaOf(this.source);
    const { rows } = await this.db.query<Row>(
      `SELECT ${s}.log_epoch() AS epoch, v.epoch AS vouched, v.refused, p.stream, p.partition, p.last_pseq
       FROM ${s}.outbox_partition p LEFT JOIN ${s}.log_epoch_vouched v ON true`,
    );
    const numbers = Object.fromEntries(rows.map((row) => [`${row.stream}/${row.partition}`, Number(row.last_pseq)]));
    const { epoch = '', vouched = null, refused = null } = rows[0] ?? {};
    return { epoch, vouched, refused, numbers };
  }
}

interface Row {
  epoch: string;
  vouched: string | null;
  refused: string | null;
  stream: string;
  partition: number;
  last_pseq: number;
}
