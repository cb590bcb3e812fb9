import type { FastifyReply } from 'fastify';
import { layout, type Page } from './layout.js';
import { STYLE_HASH } from './style.js';

/**
 * No script, no image, no frame, no base; the one style sheet by its hash. `form-action` is left out of pages with forms on
 * purpose: browsers apply it to the whole chain of redirects after the post, and the chain ends at the client, whose own callback
 * may redirect on to anywhere (docs/decisions). What it would protect, markup injected into our pages, is stopped by the escaping.
 */
const POLICY = `default-src 'none'; style-src ${STYLE_HASH}; frame-ancestors 'none'; base-uri 'none'`;

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

export interface PageAnswer extends Page {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The page has a form: one whose post may end at a client, or one that stays here. */
  readonly posts?: boolean | 'here';
}

export function sendPage(reply: FastifyReply, page: PageAnswer): void {
  reply.code(page.status ?? 200).headers(HEADERS);
  reply.header('content-security-policy', policyOf(page.posts));
  if (page.headers) reply.headers(page.headers);
  reply.send(layout(page));
}

function policyOf(posts: PageAnswer['posts']): string {
  if (posts === true) return POLICY;
  return `${POLICY}; form-action ${posts === 'here' ? "'self'" : "'none'"}`;
}

/** 303: the browser follows with GET and never posts credentials again (RFC 9700 §4.12). */
export function seeOther(reply: FastifyReply, location: string): void {
  reply.code(303).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').header('location', location).send();
}
