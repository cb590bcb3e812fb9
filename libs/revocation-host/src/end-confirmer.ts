import { type RevocationEntry, viewApi } from '#libs/contracts';
import type { Metrics } from '#libs/metrics';
import type { InternalCaller, RegisteredView, ViewDirectory } from './view-directory.js';

export type HintCaller = InternalCaller;

export interface EndConfirmerOptions {
  client: HintCaller;
  directory: ViewDirectory;
  /** `confirm_wait_ms`: how long a caller of an end is kept for the sake of `confirmed: true`. */
  waitMs: number;
  /** This process's own view, which needs no call. */
  own?: { readonly viewId: string; receive(entries: readonly RevocationEntry[]): void } | null;
  metrics?: Metrics;
}

type Outcome = 'has it' | 'unknown' | 'gone';

const HINT_MAX = 1_000;

/**
 * Posts the entries of a committed change to every registered view, in parallel. True iff all of them have it: each answered, or its lease lapsed and
 * nobody listens at its address. Early, late, repeated or lost: a hint replaces no event, and false promises nothing but the bound.
 */
export class EndConfirmer {
  constructor(private readonly options: EndConfirmerOptions) {}

  /** After the commit. Never throws. What was sent goes on when the wait is over. */
  async confirm(entries: readonly RevocationEntry[]): Promise<boolean> {
    this.options.own?.receive(entries);
    if (entries.length === 0) return true;
    const started = performance.now();
    const all = this.tell(entries).catch(() => false);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), this.options.waitMs);
    });
    const confirmed = await Promise.race([all, tooLate]).finally(() => clearTimeout(timer));
    this.options.metrics?.observe('lanyard_confirm_seconds', { confirmed: String(confirmed) }, (performance.now() - started) / 1_000);
    return confirmed;
  }

  private async tell(entries: readonly RevocationEntry[]): Promise<boolean> {
    const views = await this.options.directory.list();
    const others = views.filter((view) => view.view_id !== this.options.own?.viewId);
    const outcomes = await Promise.all(others.map((view) => this.tellOne(view, entries)));
    return outcomes.every((outcome) => outcome !== 'unknown');
  }

  private async tellOne(view: RegisteredView, entries: readonly RevocationEntry[]): Promise<Outcome> {
    try {
      for (let from = 0; from < entries.length; from += HINT_MAX) {
        await this.options.client.call(viewApi.hint, { entries: entries.slice(from, from + HINT_MAX) }, { baseUrl: view.address });
      }
      return 'has it';
    } catch (error) {
      // A view within its lease may be a process that is only just restarting at this address; one beyond it has been gone for seconds.
      if (!view.lapsed || !wasRefused(error)) return 'unknown';
      await this.options.directory.remove(view.view_id).catch(() => undefined);
      return 'gone';
    }
  }
}

function wasRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return code === 'ECONNREFUSED' || wasRefused(cause);
}
