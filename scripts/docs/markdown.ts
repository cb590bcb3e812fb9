/** A table; cells may hold anything but line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string) => `\`${text}\``;

/** Says that the page is made, and by what: who edits it by hand loses the edit. */
export function page(title: string, source: string, sections: readonly string[]): string {
  return `${[`# ${title}`, `<!-- Made by npm run docs from ${source}. Do not edit. -->`, ...sections].join('\n\n')}\n`;
}
