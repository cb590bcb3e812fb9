import { METRICS, Metrics } from '../src/index.js';

const lines = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(name));

describe('metrics', () => {
  it('writes the exposition format: help, type, labels escaped, buckets cumulated', async () => {
    const metrics = new Metrics();
    for (const ms of [2, 30, 30, 20_000]) {
      metrics.observe('lanyard_view_apply_seconds', { kind: 'session', via: 'hint' }, ms / 1_000);
    }
    metrics.add('lanyard_hashing_total', { outcome: 'a "quote"\nand \\' });
    const text = await metrics.text();
    expect(lines(text, '# TYPE lanyard_view_apply_seconds')).toEqual(['# TYPE lanyard_view_apply_seconds histogram']);
    expect(text).toContain('lanyard_view_apply_seconds_bucket{kind="session",via="hint",le="0.005"} 1\n');
    expect(text).toContain('lanyard_view_apply_seconds_bucket{kind="session",via="hint",le="0.05"} 3\n');
    expect(text).toContain('lanyard_view_apply_seconds_bucket{kind="session",via="hint",le="+Inf"} 4\n');
    expect(text).toContain('lanyard_view_apply_seconds_sum{kind="session",via="hint"} 20.062\n');
    expect(text).toContain('lanyard_view_apply_seconds_count{kind="session",via="hint"} 4\n');
    expect(text).toContain('lanyard_hashing_total{outcome="a \\"quote\\"\\nand \\\\"} 1\n');
    expect(text.endsWith('\n')).toBe(true);
  });

  it('leaves out what could not be read, says so, and never shows the number of an earlier scrape', async () => {
    const metrics = new Metrics();
    let broken = false;
    metrics.collect('queue', ['lanyard_hashing_running'], async () => {
      metrics.set('lanyard_hashing_running', {}, 3);
      if (broken) throw new Error('the database is away');
    });
    expect(await metrics.text()).toContain('\nlanyard_hashing_running 3\n');
    broken = true;
    const text = await metrics.text();
    expect(lines(text, 'lanyard_hashing_running')).toEqual([]);
    expect(await metrics.text()).toContain('lanyard_metrics_collect_errors_total{collector="queue"} 2\n');
  });

  it('asks once for all who scrape at the same time', async () => {
    const metrics = new Metrics();
    let asked = 0;
    metrics.collect('queue', ['lanyard_hashing_running'], async () => {
      asked += 1;
    });
    await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
    expect(asked).toBe(1);
  });

  it('has only what belongs to the service, and counts nothing else', async () => {
    const metrics = new Metrics('introspect');
    metrics.add('lanyard_hashing_total', { outcome: 'done' });
    expect(await metrics.text()).not.toContain('lanyard_hashing');
  });

  it('stays bounded when a label does not', async () => {
    const metrics = new Metrics();
    for (let n = 0; n < 5_000; n++) metrics.add('lanyard_hashing_total', { outcome: String(n) });
    expect(lines(await metrics.text(), 'lanyard_hashing_total')).toHaveLength(2_000);
  });

  it.each(Object.entries(METRICS))('%s: name, unit and labels as Prometheus wants them', (name, { type, labels }) => {
    expect(name).toMatch(/^(lanyard|process)_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    for (const label of labels) expect(label).not.toMatch(/(^|_)(id|sid|gid|sub|jti|ip|address|user|client|url|token)$/);
  });
});
