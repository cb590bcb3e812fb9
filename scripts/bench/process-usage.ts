import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  /** User and system time, all threads, in milliseconds; in the kernel's ticks, so to 10 ms. */
  readonly cpuMs: number;
  readonly rssMiB: number;
}

/** Linux: 100 on every machine we know, and asked all the same. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const PAGE_BYTES = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));

/** From /proc, so that it holds for any process, ours or not. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // counted after the name, which may hold blanks and brackets
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number) as [number, number, number];
  return { cpuMs: ((user + system) * 1_000) / TICKS_PER_SECOND, rssMiB: (pages * PAGE_BYTES) / 1_048_576 };
}
