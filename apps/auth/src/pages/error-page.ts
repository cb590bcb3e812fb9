import type { ErrorWriter, Problem } from '#libs/http';
import { html } from './html.js';
import { sendPage } from './send-page.js';

/** Addresses a person's browser visits: their errors are pages. */
const PAGES = ['/authorize', '/interaction/', '/logout', '/account'];

const TITLES: Readonly<Record<number, string>> = {
  400: 'This request can’t be answered',
  403: 'This is not allowed',
  404: 'There is nothing here',
  405: 'This request can’t be answered',
  410: 'This page is no longer valid',
  413: 'This request is too large',
  429: 'Too many attempts',
  500: 'Something went wrong',
  503: 'Not available at the moment',
};

/** The last resort of every HTML route: what went wrong and what to do, never a stack, never anything that was sent. */
export function errorPages(site: string): ErrorWriter {
  return (problem, request, reply) => {
    const path = (request.raw.url ?? '').split('?', 1)[0] ?? '';
    const page = PAGES.some((start) => path === start || path.startsWith(start));
    const browser = request.is404 && (request.headers.accept ?? '').includes('text/html');
    if (!page && !browser) return false;
    const title = TITLES[problem.status] ?? 'This request can’t be answered';
    sendPage(reply, { site, title, status: problem.status, body: bodyOf(title, problem, request.id) });
    return true;
  };
}

function bodyOf(title: string, problem: Problem, requestId: string) {
  return html`<h1>${title}</h1>
<p role="alert">${problem.description}</p>
<p class="soft">${adviceFor(problem.status)}</p>
<footer class="soft small"><p>Error: <code>${problem.code}</code></p><p>Request: <code>${requestId}</code></p></footer>`;
}

function adviceFor(status: number): string {
  if (status === 503) return 'Nothing was lost. Please try again in a moment by reloading this page.';
  if (status === 429) return 'Please wait a little before you try again.';
  if (status >= 500) return 'The people who run this service can find out more with the request number below.';
  return 'Go back to the application you came from and start again. If it happens again, tell the people who run that application what stands below.';
}
