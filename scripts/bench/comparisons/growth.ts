import type { Comparison, Prepared } from '../contender.js';
import { fillView } from '../stage/fill-view.js';
import { Mint } from '../stage/mint.js';
import { Stage } from '../stage/stage.js';
import { besideReferences, type Subject } from './beside-references.js';
import { introspectionAt, KNOWN_TOKENS, known } from './introspection.js';

const SMALL = 'lanyard, small view';

export interface GrowthOptions {
  /** In the view that has grown. */
  readonly entries: number;
  readonly load: Comparison['load'];
}

/** Two of the same, one whose view has what every comparison's has and one whose view has millions: what that costs a request. */
export async function growth(subject: Subject, mint: Mint, { entries, load }: GrowthOptions): Promise<Prepared> {
  const grown = await Stage.start();
  try {
    await fillView(grown, entries, (line) => console.log(`  ${line}`));
    const at = introspectionAt(grown, `lanyard, ${entries} entries in the view`);
    const kind = known((await Mint.of(grown)).opaque(KNOWN_TOKENS));
    const sides = await besideReferences({ ...subject, name: SMALL }, known(mint.opaque(KNOWN_TOKENS)));
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
    return { comparison: { name: 'growth', title, contenders, yardstick: SMALL, load }, stop };
  } catch (error) {
    await grown.stop();
    throw error;
  }
}
