export interface Appended {
  key: Buffer | null;
  value: Buffer;
  headers: Readonly<Record<string, string>>;
}

/** One partition. Offsets are given again to others after a suffix was lost, as they are after an unclean election. */
export class BrokerLog {
  private readonly records: Appended[] = [];

  get end(): number {
    return this.records.length;
  }

  append(messages: readonly Appended[]): void {
    this.records.push(...messages);
  }

  read(offset: number, count: number): (Appended & { offset: string })[] {
    return this.records.slice(offset, offset + count).map((record, n) => ({ ...record, offset: String(offset + n) }));
  }

  /** How many there were to lose. */
  lose(count: number): number {
    return this.records.splice(Math.max(0, this.records.length - count)).length;
  }
}
