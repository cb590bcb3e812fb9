import type { Snapshot } from '../snapshot.js';
import type { Produced } from './broker.js';

/** Contiguous from one, whatever order they came in. */
class Numbers {
  private readonly beyond = new Set<number>();
  upTo = 0;

  add(number: number): void {
    this.beyond.add(number);
    while (this.beyond.delete(this.upTo + 1)) this.upTo++;
  }
}

/**
 * What a relay owes those who read its topics, of what the broker was given and never of what it kept. K1: what is marked as published was acknowledged
 * before. K2: a watermark stands behind every number that it speaks of.
 */
export class PublishedRules {
  private readonly appended = new Map<string, Numbers>();
  private readonly acknowledged = new Map<string, Numbers>();

  constructor(
    private readonly isPublished: boolean,
    private readonly violate: (text: string) => void,
  ) {}

  onAppended(produced: Produced): void {
    const of = numbersOf(this.appended, nameOf(produced));
    for (const { value, headers } of produced.messages) {
      if (headers['lanyard-pseq']) of.add(Number(headers['lanyard-pseq']));
      if (headers['lanyard-type'] !== 'watermark') continue;
      const { last } = JSON.parse(value.toString()) as { last: number };
      if (last > of.upTo) this.violate(`K2: a watermark of ${nameOf(produced)} speaks of ${last}, and ${of.upTo} stand before it`);
    }
  }

  onAcknowledged(produced: Produced): void {
    const of = numbersOf(this.acknowledged, nameOf(produced));
    for (const { headers } of produced.messages) if (headers['lanyard-pseq']) of.add(Number(headers['lanyard-pseq']));
  }

  brokenBy({ last }: Snapshot): string[] {
    if (!this.isPublished) return [];
    return last.flatMap(({ of, published }) => {
      const { upTo } = numbersOf(this.acknowledged, of);
      return published > upTo ? [`K1: ${of} is marked as published up to ${published}, and the broker has acknowledged ${upTo}`] : [];
    });
  }
}

function numbersOf(all: Map<string, Numbers>, name: string): Numbers {
  const known = all.get(name) ?? new Numbers();
  all.set(name, known);
  return known;
}

/** As the outbox calls it: `session revocations 0`. */
function nameOf({ topic, partition }: Produced): string {
  const [, revocations, events] = /^lanyard\.(?:revocations\.(\w+)|(\w+)-events)$/.exec(topic) ?? [];
  return revocations ? `${revocations} revocations ${partition}` : `${events} events ${partition}`;
}
