import type { Context } from '../command.js';
import { type Finding, seconds } from '../finding.js';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number | null;
}

interface ProcessStatus {
  service: string;
  address: string;
  lapsed: boolean;
  problem: string | null;
  samples: Sample[];
}

/** What this machine's or a process's date may differ by before certificates, cookies and people are surprised. */
export const CLOCK_LIMIT_S = 30;
/** X less the margin (RELIABILITY 2): an older proof answers nothing. */
const PROOF_LIMIT_S = 1.9;
const RELAY_LIMIT_S = 1;
const READER_LIMIT_S = 10;
const MIB = 1_048_576;

/** Of each process, wherever it runs: whether it answers, what its view was last proved by, what waits in its outbox, its clock and its disk. */
export async function checkProcesses({ admin }: Context, minFreeMib: number): Promise<Finding[]> {
  const { processes } = await admin.call<{ processes: ProcessStatus[] }>('session', 'GET', '/admin/session/status');
  return processes.flatMap((status) => {
    const service = `${status.service} ${new URL(status.address).host}`;
    if (status.problem !== null) {
      const said = `can't be asked by the session service: ${status.problem}${status.lapsed ? '; its lease lapsed' : ''}`;
      return [{ ok: false, service, what: 'process', said }];
    }
    return judged(new Samples(status.samples), minFreeMib).map((finding) => ({ ...finding, service }) as Finding);
  });
}

type Judged = Omit<Finding, 'service'> & Pick<Finding, 'ok' | 'what' | 'said'>;

function judged(samples: Samples, minFreeMib: number): Judged[] {
  return [...tickets(samples), ...outbox(samples), ...readers(samples), clock(samples), disk(samples, minFreeMib)];
}

/** A proof is a ticket that came back through the log: while it is young, tickets move and the view is whole. */
function tickets(samples: Samples): Judged[] {
  const gaps = new Set(samples.of('lanyard_view_gap').flatMap(({ labels, value }) => (value === 1 ? [labels.source] : [])));
  return samples.of('lanyard_view_freshness_age_seconds').map(({ labels: { source = '' }, value: age }) => {
    const what = `tickets of ${source}`;
    if (age === null) return { ok: false, what, said: 'no ticket has come back yet: nothing is answered from this view' };
    if (gaps.has(source)) return { ok: false, what, said: 'a record is known to be missing here: nothing is answered from this view' };
    const ok = age <= PROOF_LIMIT_S || samples.one('lanyard_view_fresh') === 1;
    return {
      ok,
      what,
      said: ok ? `last one ${seconds(age)} ago` : `none came back for ${seconds(age)}: nothing is answered from this view`,
    };
  });
}

function outbox(samples: Samples): Judged[] {
  return samples.of('lanyard_outbox_unnumbered_rows').map(({ labels, value: rows }) => {
    const age = samples.one('lanyard_outbox_unnumbered_age_seconds', labels) ?? 0;
    const ok = age <= RELAY_LIMIT_S;
    const depth = `${rows} rows wait for the relay, the oldest for ${seconds(age)}`;
    return { ok, what: `outbox ${labels.stream}`, said: ok ? (rows === 0 ? 'empty' : depth) : `${depth}: does the relay run?` };
  });
}

function readers(samples: Samples): Judged[] {
  const lag = samples.of('lanyard_outbox_unpassed_rows').map(({ labels, value: rows }) => {
    const age = samples.one('lanyard_outbox_unpassed_age_seconds', labels) ?? 0;
    const ok = age <= READER_LIMIT_S;
    return {
      ok,
      what: `reader ${labels.reader}`,
      said: rows === 0 ? 'has read everything' : `${rows} events behind, the oldest for ${seconds(age)}`,
    };
  });
  const lost = samples.of('lanyard_outbox_dead_letters').filter(({ value }) => value !== 0);
  return [
    ...lag,
    ...lost.map(({ labels, value }) => ({
      ok: false,
      what: `reader ${labels.reader}`,
      said: `${value} events went to the dead letters before they were read`,
    })),
  ];
}

function clock(samples: Samples): Judged {
  const offset = samples.one('lanyard_clock_offset_seconds');
  if (offset === null) return { ok: false, what: 'clock', said: 'says nothing of its clock' };
  const ok = Math.abs(offset) <= CLOCK_LIMIT_S;
  const distance =
    Math.abs(offset) < 0.05 ? 'with the database' : `${seconds(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} the database`;
  return { ok, what: 'clock', said: ok ? distance : `${distance}: set this machine's date` };
}

function disk(samples: Samples, minFreeMib: number): Judged {
  const [free, size] = [samples.one('lanyard_data_dir_free_bytes'), samples.one('lanyard_data_dir_size_bytes')];
  // Without a data directory of its own a process keeps nothing.
  if (free === null || size === null) return { ok: true, what: 'disk', said: 'no data directory' };
  const ok = free >= minFreeMib * MIB;
  const said = `${Math.round(free / MIB)} of ${Math.round(size / MIB)} MiB free`;
  return { ok, what: 'disk', said: ok ? said : `${said}, less than ${minFreeMib} MiB` };
}

class Samples {
  constructor(private readonly all: readonly Sample[]) {}

  of(name: string): readonly Sample[] {
    return this.all.filter((sample) => sample.name === name);
  }

  one(name: string, labels: Record<string, string> = {}): number | null {
    const fits = (sample: Sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
    return this.of(name).find(fits)?.value ?? null;
  }
}
