import type { FastifyReply, FastifyRequest } from 'fastify';
import { Cookies } from '../src/cookies/cookies.js';
import { html } from '../src/pages/html.js';

const VALUE = `lanyard_sc_${'a'.repeat(43)}`;

function written(issuer: string): string {
  const lines: string[] = [];
  const reply = { header: (_name: string, value: string) => lines.push(value) } as unknown as FastifyReply;
  new Cookies(issuer).set(reply, 'session', VALUE, null);
  return lines[0] ?? '';
}
const read = (issuer: string, cookie: string) => new Cookies(issuer).read({ headers: { cookie } } as FastifyRequest, 'session');
const nameOf = (line: string) => line.split('=', 1)[0] ?? '';

describe('cookies', () => {
  it('on https are __Host-, Secure, HttpOnly, Lax and for the browser session', () => {
    expect(written('https://login.example')).toMatch(
      /^__Host-lanyard-session-[A-Za-z0-9_-]{8}=lanyard_sc_a{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it('of two issuers on one host have two names', () => {
    expect(nameOf(written('http://localhost:4000'))).not.toBe(nameOf(written('http://localhost:5000')));
  });

  it('are read back, and nothing else is', () => {
    const name = nameOf(written('https://login.example'));
    expect(read('https://login.example', `a=b; ${name}=${VALUE}; c=d`)).toBe(VALUE);
    expect(read('https://login.example', `x${name}=${VALUE}`)).toBeNull();
    for (const bad of ['', 'short', `${VALUE}"`, 'a'.repeat(300), `${VALUE}%00`])
      expect(read('https://login.example', `${name}=${bad}`)).toBeNull();
  });

  it('sent twice with different values are not believed', () => {
    const name = nameOf(written('http://localhost:4000'));
    expect(read('http://localhost:4000', `${name}=${VALUE}; ${name}=${VALUE.replace(/a/g, 'b')}`)).toBeNull();
    expect(read('http://localhost:4000', `${name}=${VALUE}; ${name}=${VALUE}`)).toBe(VALUE);
  });
});

describe('html', () => {
  it('escapes every value, once, in text and in quoted attributes', () => {
    const evil = `"><script>'\`&`;
    expect(html`<a title="${evil}">${evil}</a>`.markup).toBe(
      '<a title="&quot;&gt;&lt;script&gt;&#39;&#96;&amp;">&quot;&gt;&lt;script&gt;&#39;&#96;&amp;</a>',
    );
    expect(html`${html`<b>${'<'}</b>`}${[html`<i></i>`, '<']}${null}${false}${undefined}${0}`.markup).toBe('<b>&lt;</b><i></i>&lt;0');
  });
});
