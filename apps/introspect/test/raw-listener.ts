import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { packed } from '#libs/revocation';
import { until } from '#libs/testing';

export interface FeedEvent {
  readonly event: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what the wire says, looked at by specs
  readonly data: any;
  /** When this process had read it. */
  readonly at: number;
}

export interface Asking {
  readonly authorization?: string;
  readonly lastEventId?: string;
  readonly form?: Record<string, string>;
}

/** A listener of the feed by sockets and the standard's text alone (HTML Living Standard, 9.2): nothing of ours reads the stream. */
export class RawListener {
  readonly events: FeedEvent[] = [];
  /** What ended or was raised, and which event brought it first. */
  readonly received = new Map<string, number>();
  /** As the reader of an event stream remembers it. */
  lastEventId: string | undefined;
  retryMs: number | undefined;
  ended = false;
  private rest = '';

  private constructor(
    private readonly asked: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.read(text));
    for (const end of ['end', 'close', 'error'] as const) response.on(end, () => (this.ended = true));
  }

  /** Resolves with the headers. An answer that is no stream has a status to look at, and its body as text in `rest`. */
  static open(baseUrl: string, { authorization, lastEventId, form }: Asking): Promise<RawListener> {
    const headers = {
      accept: 'text/event-stream',
      ...(authorization ? { authorization } : {}),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    };
    return new Promise((resolve, reject) => {
      const asked = request(`${baseUrl}/revocations`, { method: form ? 'POST' : 'GET', headers, agent: false });
      asked.on('response', (response) => resolve(new RawListener(asked, response)));
      asked.on('error', reject);
      asked.end(form ? new URLSearchParams(form).toString() : undefined);
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get opening(): FeedEvent | undefined {
    return this.events.find(({ event }) => event === 'open');
  }

  get proofs(): FeedEvent[] {
    return this.events.filter(({ event }) => event === 'proof');
  }

  has(kind: string, id: string): boolean {
    return this.broughtBy(kind, id) !== undefined;
  }

  /** The place among the events of the one that brought it first. */
  broughtBy(kind: string, id: string): number | undefined {
    return this.received.get(`${kind} ${Buffer.from(packed([id])).toString('base64')}`);
  }

  /** Until the feed has said that everything it has is here. */
  caughtUp(): Promise<FeedEvent> {
    return until(() => this.proofs[0], { what: 'a first proof', timeoutMs: 20_000 });
  }

  /** Takes nothing of what is sent from now on. */
  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  close(): void {
    this.asked.destroy();
  }

  private read(text: string): void {
    this.rest += text;
    for (let end = this.rest.indexOf('\n\n'); end !== -1; end = this.rest.indexOf('\n\n')) {
      this.take(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
    }
  }

  private take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
    );
    if (fields.has('retry')) this.retryMs = Number(fields.get('retry'));
    if (fields.has('id')) this.lastEventId = fields.get('id');
    const data = JSON.parse(fields.get('data') ?? 'null');
    this.events.push({ event: fields.get('event') ?? 'message', id: fields.get('id'), data, at: performance.now() });
    if (data?.fingerprints !== undefined) {
      const bytes = Buffer.from(data.fingerprints, 'base64');
      for (let at = 0; at < bytes.length; at += 8) this.note(`${data.kind} ${bytes.subarray(at, at + 8).toString('base64')}`);
    }
    for (const [print, gen] of data?.raised ?? []) {
      this.note(`${data.kind} ${print}`);
      this.note(`${data.kind} ${print} ${gen}`);
    }
  }

  private note(what: string): void {
    if (!this.received.has(what)) this.received.set(what, this.events.length - 1);
  }
}
