import type { Comparison, Prepared } from '../contender.js';
import { fillView } from '../stage/fill-view.js';
import { Mint } from '../stage/mint.js';
import { Stage } from '../stage/stage.js';
import { besideReferences, type Subject } from './beside-references.js';
import { introspectionAt, KNOWN_TOKENS, known } from './introspection.js';

const EMPTY = 'lanyard, empty view';

export interface GrowthOptions {
  /** Ended sessions in the view that has grown. */
  readonly entries: number;
  readonly load: Comparison['load'];
}

/** Two of the same, one whose view is empty and one whose view has millions of ended sessions: what that costs a request. */
export async function growth(subject: Subject, mint: Mint, { entries, load }: GrowthOptions): Promise<Prepared> {
  const grown = await Stage.start();
  try {
    await fillView(grown, entries, (line) => console.log(`  ${line}`));
    const at = introspectionAt(grown, `lanyard, ${entries} ended sessions in the view`);
    const kind = known((await Mint.of(grown)).opaque(KNOWN_TOKENS));
    const sides = await besideReferences({ ...subject, name: EMPTY }, known(mint.opaque(KNOWN_TOKENS)));
    const full = {
      ...{ name: at.name, pid: at.pid },
      asked: async (run: number) => ({ ...at, request: await kind.requests(run), isRight: kind.isRight }),
    };
    const stop = async () => {
      await sides.stop();
      await grown.stop();
    };
    const title = `Introspection, ${KNOWN_TOKENS} opaque tokens in random order, with a view that has grown`;
    const contenders = [...sides.contenders, full];
    return { comparison: { name: 'growth', title, contenders, yardstick: EMPTY, load }, stop };
  } catch (error) {
    await grown.stop();
    throw error;
  }
}
