import { until } from '#libs/testing';
import { Model, type Outcome } from './model.js';
import { type Step, sentence } from './steps.js';

/** The real one over HTTP, or a forged one. */
export interface Server {
  /** S1: how long, ms, something dead may still be called active. */
  readonly bound: number;
  take(step: Step): Promise<Outcome> | Outcome;
  active(): Promise<boolean[]> | boolean[];
}

/** test/properties/histories owns lives of sessions and tokens, compared step by step with a model. Empty: no difference; else the story up to it. */
export async function differences(server: Server, steps: readonly Step[], model = new Model()): Promise<string[]> {
  const story: string[] = [];
  for (const made of steps) {
    const step = model.resolve(made);
    if (!step) continue;
    const [wanted, got] = [model.take(step), await server.take(step)];
    story.push(`${sentence(step)} → ${got}`);
    if (got !== wanted) return [...story, `not ${wanted}`];
    const wrong = await wronglyToldOf(server, model.active());
    if (wrong.length > 0) return [...story, ...wrong];
  }
  return [];
}

async function wronglyToldOf(server: Server, wanted: readonly boolean[]): Promise<string[]> {
  let got = await server.active();
  const livesTooLong = () => got.some((active, index) => active && !wanted[index]);
  if (livesTooLong() && server.bound > 0) {
    const over = async () => {
      got = await server.active();
      return !livesTooLong();
    };
    await until(over, { timeoutMs: server.bound }).catch(() => null);
  }
  if (got.length !== wanted.length) return [`${got.length} access tokens, not ${wanted.length}`];
  return got.flatMap((active, index) => (active === wanted[index] ? [] : [`access token ${index} is ${active ? 'active' : 'not active'}`]));
}
