import type { Metrics } from '#libs/metrics';
import type { Listener } from './request-facts.js';

type Observe = (seconds: number) => void;

/** How long answers took, by what is bounded: the parser's methods, the router's patterns (never a URL), statuses, two listeners. */
export class AnswerTimes {
  private readonly known = new Map<string, Map<string, Map<number, Observe>>>();

  constructor(private readonly metrics: Pick<Metrics, 'observer'>) {}

  observe(answer: { listener: Listener; method: string; route: string; status: number }, ms: number): void {
    const { listener, method, route, status } = answer;
    const series = this.ofRoute(method, route);
    const key = listener === 'internal' ? -status : status;
    let observe = series.get(key);
    if (!observe) {
      observe = this.metrics.observer('lanyard_http_request_duration_seconds', { listener, method, route, status: String(status) });
      series.set(key, observe);
    }
    observe(ms / 1_000);
  }

  private ofRoute(method: string, route: string): Map<number, Observe> {
    const ofMethod = made(this.known, method, () => new Map<string, Map<number, Observe>>());
    return made(ofMethod, route, () => new Map<number, Observe>());
  }
}

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known) return known;
  const value = make();
  map.set(key, value);
  return value;
}
