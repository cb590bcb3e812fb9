import { METRICS, type MetricDefinition, type MetricName } from './catalogue.js';
import { Family } from './family.js';

type Definition<N extends MetricName> = (typeof METRICS)[N];
type NameOf<T extends MetricDefinition['type']> = { [N in MetricName]: Definition<N>['type'] extends T ? N : never }[MetricName];
export type LabelsOf<N extends MetricName> = Readonly<Record<Definition<N>['labels'][number], string>>;

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Collector {
  readonly name: string;
  readonly sets: readonly NameOf<'gauge' | 'counter'>[];
  readonly run: () => void | Promise<void>;
}

/** What is read from elsewhere must not hold up the scrape: the scraper itself gives up after some 10 s. */
const COLLECT_MS = 2_000;

/**
 * The counters, gauges and histograms of one process. Counting is an addition in memory; whatever must be asked for (a database, a queue) is asked by a
 * collector at the scrape, by all scrapes at once only once. A collector that fails leaves its metrics out: an old number would be a lie.
 */
export class Metrics {
  private readonly families = new Map<MetricName, Family>();
  private readonly collectors: Collector[] = [];
  private scraping: Promise<string> | null = null;

  constructor(of?: MetricDefinition['of'][number]) {
    for (const [name, definition] of Object.entries<MetricDefinition>(METRICS)) {
      if (!of || definition.of.includes(of)) this.families.set(name as MetricName, new Family(name, definition));
    }
  }

  add<N extends NameOf<'counter'>>(name: N, labels: LabelsOf<N>, by = 1): void {
    this.families.get(name)?.add(labels, by);
  }

  set<N extends NameOf<'gauge' | 'counter'>>(name: N, labels: LabelsOf<N>, value: number): void {
    this.families.get(name)?.set(labels, value);
  }

  observe<N extends NameOf<'histogram'>>(name: N, labels: LabelsOf<N>, value: number): void {
    this.families.get(name)?.observe(labels, value);
  }

  /** The series of these labels, for whoever observes often and knows them: finding a series by its labels costs as much as a small answer's headers. */
  observer<N extends NameOf<'histogram'>>(name: N, labels: LabelsOf<N>): (value: number) => void {
    return this.families.get(name)?.observer(labels) ?? (() => undefined);
  }

  /** `run` sets the named metrics at each scrape. A second collector of the same name takes the first one's place. */
  collect(name: string, sets: Collector['sets'], run: Collector['run']): void {
    const known = this.collectors.findIndex((collector) => collector.name === name);
    this.collectors.splice(known === -1 ? this.collectors.length : known, known === -1 ? 0 : 1, { name, sets, run });
  }

  /** The exposition format, version 0.0.4. */
  text(): Promise<string> {
    this.scraping ??= this.scrape().finally(() => {
      this.scraping = null;
    });
    return this.scraping;
  }

  private async scrape(): Promise<string> {
    await Promise.all(this.collectors.map((collector) => this.run(collector)));
    return [...this.families.values()].map((family) => family.text()).join('');
  }

  private async run({ name, sets, run }: Collector): Promise<void> {
    for (const metric of sets) this.families.get(metric)?.clear();
    try {
      await within(COLLECT_MS, run());
    } catch {
      for (const metric of sets) this.families.get(metric)?.clear();
      this.add('lanyard_metrics_collect_errors_total', { collector: name });
    }
  }
}

async function within(ms: number, work: void | Promise<void>): Promise<void> {
  if (!(work instanceof Promise)) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no numbers within ${ms} ms`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
