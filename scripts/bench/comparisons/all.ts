import type { Comparison, Prepared } from '../contender.js';
import { closedLoop } from '../load/closed-loop.js';
import type { Bounds } from '../load/load.js';
import { openLoop } from '../load/open-loop.js';
import type { Mint } from '../stage/mint.js';
import type { Stage } from '../stage/stage.js';
import { type Besides, besideReferences } from './beside-references.js';
import { growth } from './growth.js';
import { forgotten, introspectionAt, KNOWN_TOKENS, known, MORE_THAN_ANY_MEMO, unseen } from './introspection.js';
import { library } from './library.js';

export const COMPARISONS = ['known', 'unseen', 'jwt', 'open-loop', 'library', 'growth'] as const;
export type ComparisonName = (typeof COMPARISONS)[number];

const OPAQUE_NEW = 'lanyard, opaque, new';

export interface Settings {
  readonly bounds: Bounds;
  /** Requests a second of the open loop. */
  readonly rate: number;
  /** In the view that has grown. */
  readonly entries: number;
}

/** What each comparison of our own service asks; made just before it runs. */
export async function prepare(name: ComparisonName, stage: Stage, mint: Mint, settings: Settings): Promise<Prepared> {
  const subject = introspectionAt(stage);
  const closed =
    (requests = settings.bounds.requests) =>
    (asked: Parameters<typeof closedLoop>[0]) =>
      closedLoop(asked, { ...settings.bounds, requests: Math.min(requests, settings.bounds.requests) });
  switch (name) {
    case 'known': {
      const sides = await besideReferences(subject, known(mint.opaque(KNOWN_TOKENS)));
      return prepared(name, `Introspection, ${KNOWN_TOKENS} opaque tokens in random order, closed loop`, sides, closed());
    }
    case 'unseen': {
      const count = Math.min(60_000, settings.bounds.requests);
      const sides = await besideReferences(subject, unseen(mint, count));
      return prepared(name, 'Introspection, every opaque token new, closed loop', sides, closed(count));
    }
    case 'jwt': {
      const jwts = await mint.jwt(MORE_THAN_ANY_MEMO);
      const sides = await besideReferences({ ...subject, name: OPAQUE_NEW }, unseen(mint, MORE_THAN_ANY_MEMO));
      const others = [
        { name: 'lanyard, JWT, new', kind: forgotten(jwts) },
        { name: 'lanyard, JWT, known', kind: known(jwts.slice(0, KNOWN_TOKENS)) },
      ].map(({ name, kind }) => ({
        ...{ name, pid: subject.pid },
        asked: async (run: number) => ({ ...subject, request: await kind.requests(run), isRight: kind.isRight }),
      }));
      const all = { ...sides, contenders: [...sides.contenders, ...others] };
      const title = 'Introspection, ES256 JWTs beside opaque tokens, closed loop';
      return prepared(name, title, all, closed(MORE_THAN_ANY_MEMO), OPAQUE_NEW);
    }
    case 'library':
      return library(stage, mint, settings.bounds);
    case 'growth':
      return growth(subject, mint, { entries: settings.entries, load: closed() });
    case 'open-loop': {
      const sides = await besideReferences(subject, known(mint.opaque(KNOWN_TOKENS)));
      const title = `Introspection, ${KNOWN_TOKENS} opaque tokens in random order, open loop at ${settings.rate}/s`;
      return prepared(name, title, sides, (asked) => openLoop(asked, settings.bounds, settings.rate));
    }
  }
}

function prepared(
  name: string,
  title: string,
  { contenders, stop }: Besides,
  load: Comparison['load'],
  yardstick = 'bare-fastify',
): Prepared {
  return { comparison: { name, title, contenders, yardstick, load }, stop };
}
