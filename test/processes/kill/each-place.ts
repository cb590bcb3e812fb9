import { END_FLOWS } from './end-flows.js';
import type { Flow } from './flow.js';
import { KEY_FLOWS } from './key-flows.js';
import { Killing } from './killing.js';
import { TOKEN_FLOWS } from './token-flows.js';

export const FLOWS: readonly Flow[] = [...END_FLOWS, ...TOKEN_FLOWS, ...KEY_FLOWS];

/** Places that no flow is cut at, and why. */
export const WITHOUT_A_KILL: Readonly<Record<string, string>> = {
  'event-log.reader.after-ticket': 'the reader writes nothing; a kill there is a restart, and test/model cuts it at every step',
  'event-log.reader.after-read': 'the same; the served processes give their reader no checkpoints',
  'authz.before-send': 'a verdict writes nothing; its caller asks again, and a verdict that is held there is judged again (authz.spec)',
};

/** Registers a test for each place of each flow that `which` picks; all of them in one world. */
export function killedAtEachPlace(which: (flow: Flow) => readonly string[]): void {
  let killing: Killing;
  beforeAll(async () => {
    killing = await Killing.start();
  }, 120_000);
  afterAll(() => killing?.close(), 60_000);

  describe.each(FLOWS.filter((flow) => which(flow).length > 0))('$name', (flow) => {
    it.each(which(flow))(
      'killed at %s keeps its promises',
      async (place) => {
        // Its token may have expired, or its key have been revoked.
        killing.operator.forget();
        await flow.run(killing, place, flow.places[place] ?? 'before');
      },
      90_000,
    );
  });
}
