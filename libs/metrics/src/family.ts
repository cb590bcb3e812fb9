import type { MetricDefinition } from './catalogue.js';

interface Series {
  readonly labels: string;
  value: number;
  /** Histograms: observations per bucket, not yet cumulated; the last one is +Inf. */
  readonly counts: Float64Array | null;
  total: number;
}

/** More than any of our labels can make of each other. A label that grows beyond is a bug; it costs its numbers, not the memory. */
const MAX_SERIES = 2_000;

type Labels = Readonly<Record<string, string>>;

/** One metric and its series. */
export class Family {
  private readonly series = new Map<string, Series>();

  constructor(
    private readonly name: string,
    private readonly definition: MetricDefinition,
  ) {
    if (definition.labels.length === 0 && definition.type !== 'gauge') this.of({});
  }

  add(labels: Labels, by: number): void {
    const series = this.of(labels);
    if (series) series.value += by;
  }

  set(labels: Labels, value: number): void {
    const series = this.of(labels);
    if (series) series.value = value;
  }

  observe(labels: Labels, value: number): void {
    this.observer(labels)(value);
  }

  observer(labels: Labels): (value: number) => void {
    const series = this.of(labels);
    const { buckets = [] } = this.definition;
    return (value) => {
      if (!series?.counts) return;
      let bucket = 0;
      while (bucket < buckets.length && value > (buckets[bucket] ?? 0)) bucket += 1;
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.value += value;
      series.total += 1;
    };
  }

  clear(): void {
    this.series.clear();
  }

  text(): string {
    const { type, help } = this.definition;
    let text = `# HELP ${this.name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${this.name} ${type}\n`;
    for (const series of this.series.values())
      text += series.counts ? this.histogram(series, series.counts) : this.line('', series.labels, series.value);
    return text;
  }

  private histogram({ labels, value, total }: Series, counts: Float64Array): string {
    let text = '';
    let upTo = 0;
    const bounds = [...(this.definition.buckets ?? []).map(String), '+Inf'];
    bounds.forEach((bound, index) => {
      upTo += counts[index] ?? 0;
      text += this.line('_bucket', labels === '' ? `le="${bound}"` : `${labels},le="${bound}"`, upTo);
    });
    return text + this.line('_sum', labels, value) + this.line('_count', labels, total);
  }

  private line(suffix: string, labels: string, value: number): string {
    const shown = value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
    return `${this.name}${suffix}${labels === '' ? '' : `{${labels}}`} ${shown}\n`;
  }

  private of(labels: Labels): Series | null {
    let key = '';
    for (const name of this.definition.labels) key += `${labels[name] ?? ''}\u0000`;
    const known = this.series.get(key);
    if (known) return known;
    if (this.series.size >= MAX_SERIES) return null;
    const written = this.definition.labels.map((name) => `${name}="${escaped(labels[name] ?? '')}"`).join(',');
    const counts = this.definition.type === 'histogram' ? new Float64Array((this.definition.buckets?.length ?? 0) + 1) : null;
    const made: Series = { labels: written, value: 0, counts, total: 0 };
    this.series.set(key, made);
    return made;
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
