import type { RevocationEntry } from '#libs/contracts';
import type { Log } from '#libs/http';
import type { Metrics } from '#libs/metrics';
import type { RevocationView } from '#libs/revocation';

/** How an entry came: posted by whoever committed it, read from the log, or committed by this very process. */
export type EntryPath = 'hint' | 'log' | 'own';

/** Told what was news to the view. `now`: the owner's clock; null while the view reads what is old. */
export interface ViewObserver {
  applied(news: readonly RevocationEntry[], via: EntryPath, now: number | null): void;
}

export const NOBODY_LOOKS: ViewObserver = { applied: () => undefined };

/** The cascade as numbers, and each end of a session as a line. What a start reads is nobody's latency and no news. */
export function viewObserver(metrics: Metrics, log: Log): ViewObserver {
  return {
    applied(news, via, now) {
      if (now === null) return;
      for (const entry of news) {
        const delay = Math.max(0, now - entry.at);
        metrics.observe('lanyard_view_apply_seconds', { kind: entry.kind, via }, delay / 1_000);
        if (entry.kind !== 'session') continue;
        log.info('session end in the view', { sid: entry.id, end_id: entry.end_id ?? null, via, delay_ms: delay });
      }
    },
  };
}

export function observeView(metrics: Metrics, view: RevocationView): void {
  const sets = ['lanyard_view_fresh', 'lanyard_view_freshness_age_seconds', 'lanyard_view_gap', 'lanyard_view_entries'] as const;
  metrics.collect('view', sets, () => {
    metrics.set('lanyard_view_fresh', {}, view.freshness().fresh ? 1 : 0);
    const { entries, sources } = view.state();
    for (const { source, ageMs, gap } of sources) {
      metrics.set('lanyard_view_freshness_age_seconds', { source }, Math.max(0, ageMs) / 1_000);
      metrics.set('lanyard_view_gap', { source }, gap ? 1 : 0);
    }
    for (const [kind, size] of Object.entries(entries)) metrics.set('lanyard_view_entries', { kind }, size);
  });
}
