/** A table, its columns aligned as the formatter wants them; cells may hold anything but line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}

export const code = (text: string) => `\`${text}\``;

/** Says that the page is made, and by what: who edits it by hand loses the edit. */
export function page(title: string, source: string, sections: readonly string[]): string {
  return `${[`# ${title}`, `<!-- Made by npm run docs from ${source}. Do not edit. -->`, ...sections].join('\n\n')}\n`;
}
