import type { MetricName } from './catalogue.js';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** null: infinite, as JSON has no word for it. */
  readonly value: number | null;
}

/** The named series of what another of our processes exposes. No label of ours holds a comma, a brace or an escape. */
export function readSamples(text: string, names: readonly MetricName[]): Sample[] {
  const wanted = new Set<string>(names);
  return text.split('\n').flatMap((line): Sample[] => {
    const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!wanted.has(name)) return [];
    const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: value === '+Inf' ? null : Number(value) }];
  });
}
