import type { ServiceName } from '#libs/contracts';
import type { World } from '../world.js';

/** One scrape, as Prometheus reads it. */
export class Scrape {
  private constructor(readonly text: string) {}

  static async of(world: World, service: ServiceName): Promise<Scrape> {
    const answer = await fetch(`${world.stand.internalUrl(service)}/metrics`);
    if (answer.status !== 200) throw new Error(`/metrics of ${service} answered ${answer.status}`);
    return new Scrape(await answer.text());
  }

  get names(): string[] {
    return [...this.text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] ?? '');
  }

  /** The sum of all series of that name whose labels contain all of these; null: there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | null {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const values = this.text
      .split('\n')
      .map((line) => /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line))
      .filter((match) => match?.[1] === name && wanted.every((pair) => match[2]?.includes(pair)))
      .map((match) => Number(match?.[3]?.replace('+Inf', 'Infinity')));
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  }

  labels(): { name: string; value: string }[] {
    return [...this.text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => ({ name, value }));
  }
}
