/** The first form of a page, as a browser without script would send it. */
export interface HtmlForm {
  readonly action: string;
  readonly method: 'get' | 'post';
  /** What is sent without anyone touching it: hidden fields, presets, ticked boxes. */
  readonly fields: ReadonlyMap<string, string[]>;
  readonly inputs: readonly { name: string; type: string; value: string }[];
  readonly buttons: readonly { name: string; value: string; text: string }[];
}

export function formsOf(html: string): HtmlForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', body = '']) => formOf(attributes, body));
}

function formOf(attributes: string, body: string): HtmlForm {
  const fields = new Map<string, string[]>();
  const inputs = [...body.matchAll(/<input\b([^>]*?)\/?>/g)].map(([, of = '']) => {
    const type = attribute(of, 'type') ?? 'text';
    const input = { name: attribute(of, 'name') ?? '', type, value: attribute(of, 'value') ?? (type === 'checkbox' ? 'on' : '') };
    const sent = type === 'checkbox' || type === 'radio' ? /\schecked\b/.test(of) : type !== 'submit';
    if (input.name && sent && !/\sdisabled\b/.test(of)) fields.set(input.name, [...(fields.get(input.name) ?? []), input.value]);
    return input;
  });
  const buttons = [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, of = '', text = '']) => ({
    name: attribute(of, 'name') ?? '',
    value: attribute(of, 'value') ?? '',
    text: decodeEntities(text.replaceAll(/<[^>]*>/g, '')).trim(),
  }));
  const method = (attribute(attributes, 'method') ?? 'get').toLowerCase() === 'post' ? 'post' : 'get';
  return { action: attribute(attributes, 'action') ?? '', method, fields, inputs, buttons };
}

function attribute(text: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(text);
  const value = match?.[1] ?? match?.[2];
  return value === undefined ? undefined : decodeEntities(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#x27': "'",
  '#34': '"',
};

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
