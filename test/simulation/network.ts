import { type InternalEndpoint, type RequestOf, type ResponseOf, viewApi } from '#libs/contracts';
import { type CallOptions, InternalCallError, type InternalClient, problemOf } from '#libs/http';
import type { Process, Scheduler } from './scheduler.js';

export interface Faults {
  lost: number;
  /** Of hints, which a log has to do without. */
  hintLost: number;
  answerLost: number;
  twice: number;
  delayed: number;
  /** A statement, or an answer that is being sent. */
  slow: number;
}

export type Handler = (request: never, caller: string) => Promise<unknown>;

export interface Host {
  process: Process;
  handlers: ReadonlyMap<string, Handler>;
}

export interface Asking<T> {
  from: Process;
  to: string;
  what: string;
  timeoutMs: number;
  idempotent: boolean;
  /** How often it is lost, if not as often as anything. */
  lost?: number;
  handle: (host: Host) => Promise<T>;
}

/** Nobody knows what came of it: no answer, or a broken connection. */
export class NoAnswer extends Error {
  constructor(
    what: string,
    readonly code: 'ECONNREFUSED' | 'ECONNRESET' | 'ETIMEDOUT',
  ) {
    super(`${what}: ${code}`);
    this.name = 'NoAnswer';
  }
}

const LONGEST_DELAY_MS = 700;

/** Requests between processes. Each arrives, is worked on, and is answered at places of its own, or it is lost, delayed, or comes twice. */
export class Network {
  readonly hosts = new Map<string, Host>();

  constructor(
    private readonly scheduler: Scheduler,
    readonly faults: Faults,
    private readonly defect: (error: unknown) => void,
  ) {}

  /** How long a statement is on its way. */
  slowness(longestMs = LONGEST_DELAY_MS): number {
    const { random } = this.scheduler;
    return random.chance(this.faults.slow) ? random.below(longestMs) : 0;
  }

  client(from: Process): Pick<InternalClient, 'call'> {
    return {
      call: async <E extends InternalEndpoint>(endpoint: E, request: RequestOf<E>, options: CallOptions = {}): Promise<ResponseOf<E>> => {
        const { path, timeoutMs, idempotent } = endpoint;
        const parsed = endpoint.request.parse(request);
        const to = options.baseUrl ? new URL(options.baseUrl).hostname : endpoint.callee;
        const handle = async ({ handlers }: Host) => {
          const handler = handlers.get(path);
          if (!handler) throw new Error(`${to} does not serve ${path}`);
          return handler(parsed as never, from.name);
        };
        try {
          const lost = path === viewApi.hint.path ? this.faults.hintLost : this.faults.lost;
          const answer = await this.ask({ from, to, what: path.slice('/internal/'.length), timeoutMs, idempotent, lost, handle });
          return endpoint.response.parse(answer) as ResponseOf<E>;
        } catch (error) {
          throw internalError(path, error);
        }
      },
    };
  }

  /** Resolves or rejects in the asking process, at its own time. */
  ask<T>({ from, to, what, timeoutMs, idempotent, lost: often = this.faults.lost, handle }: Asking<T>): Promise<T> {
    const { random } = this.scheduler;
    const lost = random.chance(often);
    const answerLost = random.chance(this.faults.answerLost);
    const twice = idempotent && random.chance(this.faults.twice);
    const delay = () => (random.chance(this.faults.delayed) ? random.below(LONGEST_DELAY_MS) : 0);
    return new Promise((resolve, reject) => {
      const fail = (code: NoAnswer['code'], afterMs = 0) =>
        void this.scheduler.turn(from, `learns ${code} of ${what}`, afterMs).then(() => reject(new NoAnswer(what, code)));
      const host = this.hosts.get(to);
      if (!host?.process.alive) return fail('ECONNREFUSED');
      const giveUp = this.scheduler.later(from, `gives up ${what}`, timeoutMs, () => reject(new NoAnswer(what, 'ETIMEDOUT')));
      const { process } = host;
      const died = () => {
        giveUp();
        fail('ECONNRESET');
      };
      process.mourners.add(died);
      const carry = async (times: string) => {
        if (lost) return this.scheduler.note(`${what} ${from.name} → ${to} is lost`);
        await this.scheduler.turn(process, `gets ${what}${times}`, delay());
        const settle = await handle(host).then(
          (value) => () => resolve(value),
          (error: unknown) => {
            this.judge(error);
            return () => reject(error);
          },
        );
        process.mourners.delete(died);
        if (answerLost) return this.scheduler.note(`the answer to ${what} ${to} → ${from.name} is lost`);
        await this.scheduler.turn(from, `hears of ${what}`, delay());
        giveUp();
        settle();
      };
      void carry('');
      if (twice) void carry(' again');
    });
  }

  /** An error that no boundary knows is a defect, whatever becomes of the request. */
  private judge(error: unknown): void {
    if (problemOf(error).unexpected) this.defect(error);
  }
}

function internalError(path: string, error: unknown): unknown {
  if (error instanceof NoAnswer) return new InternalCallError('unavailable', path, null, null, { cause: error });
  const { status, code } = problemOf(error);
  const kind = status >= 500 ? 'unavailable' : status === 400 ? 'invalid' : 'refused';
  return new InternalCallError(kind, path, status, code);
}
