import type { Figures, Percentiles } from './figures.js';

export interface Report {
  readonly seed: number;
  readonly seconds: number;
  readonly eventLog: string;
  readonly instances: Readonly<Record<string, number>>;
  /** Processes that ended though nobody had asked them to. */
  readonly lost: readonly string[];
  readonly figures: Figures;
}

const SHOWN = 20;

/** The table for a person; the JSON beside it has the same and every violation. */
export function reportText({ seed, seconds, eventLog, instances, lost, figures: f }: Report): string {
  const of = ({ p50, p99, most }: Percentiles) => `${p50} / ${p99} / ${most} ms`;
  const rows: [string, string | number][] = [
    ['seed, seconds of faults', `${seed}, ${seconds}`],
    [
      'instances',
      Object.entries(instances)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
    ],
    ['event log', eventLog],
    ['processes that ended by themselves', lost.length],
    ['sessions started', f.sessions],
    ['ends acknowledged (sessions ended)', `${f.endsAcknowledged} (${f.sessionsEnded})`],
    ['… of them confirmed everywhere', f.endsConfirmed],
    ['… of them only accepted (202)', f.endsAccepted],
    ['ends without an acknowledgement, sent again', f.endsWithoutAcknowledgement],
    ['**violations**', `**${f.violations.length}**`],
    ['introspections and userinfo', f.introspections],
    ['… sent after an acknowledged end', f.introspectionsAfterAnEnd],
    ['… without a verdict (503, cut)', f.introspectionsWithoutVerdict],
    ['… sent while nothing could be proven', f.introspectionsWithoutProof],
    ['token requests', f.tokenRequests],
    ['… sent after an acknowledged end', f.tokenRequestsAfterAnEnd],
    ...Object.entries(f.tokensForRequestsAfterAnEnd).map(([end, count]): [string, number] => [
      `… of them given a token after ${end}`,
      count,
    ]),
    ['… without a verdict (503, cut)', f.tokenRequestsUnavailable],
    [
      'logout tokens delivered / refused by the receiver / dead',
      `${f.logoutTokensDelivered} / ${f.logoutTokensRefused} / ${f.logoutTokensDead}`,
    ],
    ['acknowledged after, p50 / p99 / max', of(f.acknowledgedAfterMs)],
    ['acknowledgement → refused at every instance, p50 / p99 / max', of(f.cascadeMs)],
    ['acknowledgement → last active answer, p50 / p99 / max', of(f.activeAfterMs)],
    ['faults', Object.values(f.faults).reduce((sum, count) => sum + count, 0)],
    ...Object.entries(f.faults)
      .sort()
      .map(([name, count]): [string, number] => [`… ${name}`, count]),
  ];
  const violations = f.violations.slice(0, SHOWN).map(({ kind, sid, what }) => `VIOLATION ${kind}: session ${sid}, ${what}`);
  const more = f.violations.length > SHOWN ? [`… and ${f.violations.length - SHOWN} more, in the JSON`] : [];
  return ['| what | how much |', '| --- | --- |', ...rows.map(([what, much]) => `| ${what} | ${much} |`), ...violations, ...more].join(
    '\n',
  );
}
