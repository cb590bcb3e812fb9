import type { KafkaPublisher } from '#libs/event-log';

interface Offer {
  last: number;
}

interface Batch {
  offer: Offer;
  rows: readonly { pseq: number }[];
  complete: boolean;
}

interface Request {
  topicMessages: { topic: string; messages: { headers: Record<string, string> }[] }[];
}

interface Producer {
  sendBatch(request: Request): Promise<unknown>;
}

/** The publisher's own steps, for a mutant to put another in a step's place. */
export interface PublisherSteps {
  batchOf(offer: Offer): Promise<Omit<Batch, 'offer'>>;
  send(batches: readonly Batch[]): Promise<void>;
  mark(offer: Offer, published: number): Promise<void>;
  connected(): Promise<Producer>;
}

export type Altered = (publisher: PublisherSteps, real: PublisherSteps) => void;

export function alter(publisher: KafkaPublisher, altered: Altered): void {
  const steps = publisher as unknown as PublisherSteps;
  altered(steps, {
    batchOf: steps.batchOf.bind(publisher),
    send: steps.send.bind(publisher),
    mark: steps.mark.bind(publisher),
    connected: steps.connected.bind(publisher),
  });
}
