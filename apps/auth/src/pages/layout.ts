import { Html, html } from './html.js';
import { STYLE } from './style.js';

const MARK = html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M7 3l5 9 5-9"/><circle cx="12" cy="16" r="4"/><path d="M12 16v.01"/></svg>`;

export interface Page {
  /** Also the browser's tab; the first thing a screen reader says. */
  readonly title: string;
  readonly body: Html;
  /** Where the person is: the name of the installation. */
  readonly site: string;
  /** For lists; default: as narrow as a form. */
  readonly wide?: boolean;
}

export function layout({ title, body, site, wide }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main${wide && html` class="wide"`}>
<p class="mark">${MARK}<span>${site}</span></p>
${body}
</main>
</body>
</html>
`;
  return page.markup;
}

/** The installation is called by its issuer's host: what a person can compare with the address bar. */
export function siteOf(issuer: string): string {
  return new URL(issuer).host;
}
