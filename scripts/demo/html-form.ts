interface FilledForm {
  action: string;
  body: URLSearchParams;
}

type Attributes = Record<string, string>;

/** What a browser would post: the fields as they stand, what the person typed or ticked over them, and the button pressed. */
export function fillForm(page: string, button: string, values: Record<string, string | boolean>): FilledForm {
  for (const [, head = '', inner = ''] of page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)) {
    const pressed = buttons(inner).find(({ text }) => text === button);
    if (!pressed) continue;
    const body = new URLSearchParams();
    for (const [, text = ''] of inner.matchAll(/<input\b([^>]*)>/g)) addField(body, attributes(text), values);
    if (pressed.name) body.append(pressed.name, pressed.value ?? '');
    return { action: pressed.formaction ?? attributes(head).action ?? '', body };
  }
  const title = /<title>([\s\S]*?)<\/title>/.exec(page)?.[1] ?? page.slice(0, 200);
  throw new Error(`there is no button "${button}" on the page "${decode(title)}"`);
}

export function textOf(page: string): string {
  return decode(page.replaceAll(/<(style|title)[\s\S]*?<\/\1>|<[^>]+>/g, ' ')).replaceAll(/\s+/g, ' ');
}

function addField(body: URLSearchParams, field: Attributes, values: Record<string, string | boolean>): void {
  const { name, type = 'text', value = '' } = field;
  if (!name) return;
  if (type === 'checkbox') {
    const wanted = values[value] ?? values[name] ?? 'checked' in field;
    if (wanted) body.append(name, value);
  } else body.append(name, typeof values[name] === 'string' ? values[name] : value);
}

function buttons(inner: string): (Attributes & { text: string })[] {
  return [...inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, head = '', text = '']) => ({
    ...attributes(head),
    text: textOf(text).trim(),
  }));
}

function attributes(text: string): Attributes {
  const found = text.matchAll(/([\w-]+)(?:\s*=\s*"([^"]*)")?/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]));
}

function decode(text: string): string {
  return text
    .replaceAll(/&#x?(\w+);/g, (whole, code: string) => String.fromCodePoint(Number.parseInt(code, whole.startsWith('&#x') ? 16 : 10)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
