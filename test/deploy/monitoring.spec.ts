import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { portsOf } from '#libs/config';
import { SERVICES } from '#libs/contracts';
import { METRICS, type MetricDefinition } from '#libs/metrics';
import { composeFile, instancesOf, ROOT, textOf } from './compose-file.js';
import { readPromql } from './promql.js';

/** Alerts and dashboard name only what is measured (docs/metrics.md is made from the same catalogue), in queries that Prometheus takes. */
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { severity: string };
  readonly annotations: { summary: string; runbook: string };
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: { expr: string; legendFormat: string }[];
}

const rules = (parse(textOf('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(textOf('deploy/grafana/lanyard.json')) as { panels: Panel[] };
const queries = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];
/** What Prometheus itself adds to every series that it scrapes. */
const SCRAPED = ['job', 'instance'];

/** The catalogue's entry of a series; a histogram has three. */
function definitionOf(series: string): MetricDefinition | undefined {
  const all: Record<string, MetricDefinition> = METRICS;
  const base = /^(.*)_(?:bucket|count|sum)$/.exec(series)?.[1];
  const whole = all[series];
  return base !== undefined && all[base]?.type === 'histogram' ? all[base] : whole?.type === 'histogram' ? undefined : whole;
}

describe('a query of PromQL', () => {
  it('is read by Prometheus’ grammar, which says where it is wrong', () => {
    expect(readPromql('sum by (le) (rate(a_bucket{b="c"}[5m])) > 1')).toEqual({ errors: [], metrics: ['a_bucket'], labels: ['le', 'b'] });
    expect(readPromql('sum by (le) (rate(a_bucket{b="c"}[5m]) > 1').errors).not.toEqual([]);
    expect(readPromql('a{b=c}').errors).not.toEqual([]);
  });

  it.each(queries)('of %s is one, of series and labels that there are: %s', (_name, query) => {
    const { errors, metrics, labels } = readPromql(query);
    expect(errors).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    const definitions = metrics.filter((name) => name !== 'up').map((name) => [name, definitionOf(name)] as const);
    expect(definitions.filter(([, definition]) => !definition).map(([name]) => name)).toEqual([]);
    const known = [...SCRAPED, 'le', ...definitions.flatMap(([, definition]) => definition?.labels ?? [])];
    expect(labels.filter((label) => !known.includes(label))).toEqual([]);
  });
});

describe('the alerts', () => {
  it('are there for every alarm worth having of docs/metrics.md', () => {
    const worthHaving = /## Alarms worth having\n([\s\S]*)$/.exec(textOf('docs/metrics.md'))?.[1] ?? '';
    const wanted = new Set([...worthHaving.matchAll(/lanyard_\w+/g)].map(([name]) => name));
    const watched = new Set(rules.flatMap(({ expr }) => readPromql(expr).metrics));
    expect(wanted.size).toBeGreaterThan(5);
    expect([...wanted].filter((name) => !watched.has(name))).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s has a severity, a summary and a page that says what to do',
    (name, rule) => {
      expect(name).toMatch(/^Lanyard[A-Z]\w+$/);
      expect(['page', 'ticket']).toContain(rule.labels.severity);
      expect(rule.annotations.summary).toMatch(/\w+ \w+/);
      expect(existsSync(join(ROOT, rule.annotations.runbook))).toBe(true);
      const used = [...rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect(
        used.filter((label) => label !== 'instance' && !rule.expr.includes(String(label)) && !labelsOf(rule.expr).includes(String(label))),
      ).toEqual([]);
    },
  );

  it('are asked of every process that docker-compose.yml starts, at its internal port', () => {
    const { scrape_configs: jobs } = parse(textOf('deploy/prometheus/prometheus.yml')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap(({ static_configs }) => static_configs.flatMap((one) => one.targets));
    const file = composeFile();
    const processes = SERVICES.flatMap((service) =>
      instancesOf(file, service).map(([name]) => `${name}:${portsOf(service, 4_000).internal}`),
    );
    expect(targets.sort()).toEqual(processes.sort());
    expect(jobs.map(({ job_name }) => job_name)).toEqual(['lanyard']);
    // Where a target's name leads to on that network is where the process listens.
    expect(textOf('deploy/prometheus/prometheus.yml')).toContain('docker run --network "$(basename "$PWD")_services" ');
    for (const target of targets) {
      const { networks, environment } = file.services[target.split(':')[0] ?? ''] ?? {};
      expect([target, networks]).toEqual([
        target,
        expect.objectContaining({ services: expect.objectContaining({ ipv4_address: environment?.LANYARD_HOST }) }),
      ]);
    }
  });
});

const labelsOf = (query: string) => readPromql(query).metrics.flatMap((name) => definitionOf(name)?.labels ?? []);
