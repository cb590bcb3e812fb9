export type Row = Record<string, unknown>;

/** A value as people read it. Members named `…_at` and `…_deadline` are milliseconds since the epoch. */
export function cell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number' && /(?:_at|_time|_deadline|_since|^at)$/.test(name))
    return new Date(value).toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) return value.every((item) => typeof item !== 'object') ? value.join(' ') : `${value.length}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Columns as wide as their widest cell; nothing is cut, because what is cut can't be copied. */
export function table(rows: readonly Row[], columns: readonly string[]): string {
  if (rows.length === 0) return '(none)';
  const lines = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => cell(column, row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One thing: its plain members one a line, then each list as a table. */
export function sheet(thing: Row): string {
  const isList = (value: unknown): value is Row[] => Array.isArray(value) && value.length > 0 && typeof value[0] === 'object';
  const plain = Object.entries(thing).filter(([, value]) => !isList(value));
  const width = Math.max(...plain.map(([name]) => name.length));
  const head = plain.map(([name, value]) => `${name.padEnd(width)}  ${cell(name, value)}`).join('\n');
  const lists = Object.entries(thing).filter((entry): entry is [string, Row[]] => isList(entry[1]));
  return [head, ...lists.map(([name, rows]) => `\n${name}\n${table(rows, Object.keys(rows[0] ?? {}))}`)].join('\n');
}
