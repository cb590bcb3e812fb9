import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Milliseconds in an HDR histogram of fixed size: microseconds up to a minute, three digits, whatever the number of requests. */
export class Latencies {
  private readonly histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });

  add(ms: number): void {
    this.histogram.record(Math.min(60_000_000, Math.max(1, Math.round(ms * 1_000))));
  }

  get percentiles(): Percentiles {
    const at = (percentile: number) => this.histogram.percentile(percentile) / 1_000;
    const { max } = this.histogram;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: this.histogram.count > 0 ? max / 1_000 : 0 };
  }
}
