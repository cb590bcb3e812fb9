import { StringDecoder } from 'node:string_decoder';
import { FeedError } from './feed-events.js';

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** One event carries 43 kB at most; a stream that never ends a line, or an event, must not fill the memory. */
const LONGEST = 1024 * 1024;

/** Reads an event stream (HTML Living Standard, 9.2.6) as it comes. */
export class EventStream {
  retryMs: number | undefined;
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private event = '';
  private data: string[] = [];
  private length = 0;
  private id: string | undefined;

  *read(bytes: Buffer): Generator<StreamEvent> {
    this.rest += this.decoder.write(bytes);
    let from = 0;
    for (let end = this.rest.indexOf('\n', from); end !== -1; end = this.rest.indexOf('\n', from)) {
      const line = this.rest.slice(from, this.rest[end - 1] === '\r' ? end - 1 : end);
      from = end + 1;
      if (line !== '') this.field(line);
      else yield* this.dispatch();
    }
    this.rest = this.rest.slice(from);
    if (this.rest.length > LONGEST) throw new FeedError('a line without an end');
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
    this.length += line.length;
    if (this.length > LONGEST) throw new FeedError('an event without an end');
  }

  /** Without data it is none (9.2.6); what had been said of it counts for no other. */
  private *dispatch(): Generator<StreamEvent> {
    const { event, data, id } = this;
    this.event = '';
    this.data = [];
    this.id = undefined;
    this.length = 0;
    if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
  }
}
