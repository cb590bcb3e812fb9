import type { Row, Spread, Summary } from './summary.js';

const HEAD = ['', 'answers/s (min / median / max)', '× yardstick', 'CPU µs each', 'more', '× by CPU', 'RSS MiB', 'p50', 'p99', 'p99.9 ms'];

/** As Markdown, so that it can be pasted into docs/performance.md. */
export function tableOf({ title, yardstick, rows }: Summary): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [`${title} (yardstick: ${yardstick})`, '', line(head), rule, ...body.map(line)].join('\n');
}

function cellsOf(row: Row): string[] {
  const { p50, p99, p999 } = row.latencyMs ?? {};
  const wrong = row.wrong > 0 ? ` (${row.wrong} WRONG)` : '';
  return [
    row.contender + wrong,
    three(row.perSecond, 0),
    three(row.ratio, 2),
    row.cpuUsPerAnswer ? three(row.cpuUsPerAnswer, 1) : '–',
    row.cpuUsMore ? row.cpuUsMore.median.toFixed(1) : '–',
    row.cpuRatio ? row.cpuRatio.median.toFixed(2) : '–',
    row.rssMiB ? row.rssMiB.median.toFixed(0) : '–',
    p50?.toFixed(2) ?? '–',
    p99?.toFixed(2) ?? '–',
    p999?.toFixed(2) ?? '–',
  ];
}

function three({ min, median, max }: Spread, digits: number): string {
  return `${min.toFixed(digits)} / ${median.toFixed(digits)} / ${max.toFixed(digits)}`;
}
