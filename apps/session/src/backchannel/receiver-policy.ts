import { isLoopbackHost } from '#libs/protocol';
import { rangeOf } from './address-range.js';

/** A receiver that policy refuses: final, because trying again changes nothing. */
export class ReceiverRefused extends Error {
  readonly code = 'LANYARD_RECEIVER_REFUSED';
  constructor(reason: string) {
    super(reason);
    this.name = 'ReceiverRefused';
  }
}

const PORTS = new Set(['', '443', '8443']);
const HOST = /^([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])$/;

/**
 * Which URLs a logout token may be sent to, and which addresses (SECURITY.md, SSRF). `allow_private_receivers` names hosts for which
 * http, any port and private addresses are allowed; `true` stands for every host and is believed on a loopback issuer only.
 */
export class ReceiverPolicy {
  private readonly everyHost: boolean;
  private readonly hosts: ReadonlySet<string>;

  constructor({ issuer, allowPrivate }: { issuer: string; allowPrivate: boolean | readonly string[] }) {
    this.everyHost = allowPrivate === true && isLoopbackHost(new URL(issuer).hostname);
    this.hosts = new Set(typeof allowPrivate === 'boolean' ? [] : allowPrivate.map((host) => bare(host.toLowerCase())));
  }

  /** Throws ReceiverRefused with a reason that an operator can act on. */
  checkUrl(text: string): URL {
    if (!URL.canParse(text)) throw new ReceiverRefused('not an absolute URL');
    const url = new URL(text);
    const privileged = this.privileged(url.hostname);
    if (url.protocol !== 'https:' && !(privileged && url.protocol === 'http:')) throw new ReceiverRefused(`${url.protocol} is not https`);
    if (url.username !== '' || url.password !== '') throw new ReceiverRefused('a user name or password in the URL');
    if (url.hash !== '') throw new ReceiverRefused('a fragment in the URL');
    // Keycloak's CVE-2026-4874: a host that is a template is whatever a caller makes of it.
    if (!HOST.test(url.hostname)) throw new ReceiverRefused('the host is not a plain name or address');
    if (!privileged && !PORTS.has(url.port)) throw new ReceiverRefused(`port ${url.port} is not allowed`);
    if (isAddress(url.hostname)) this.checkAddress(url.hostname, bare(url.hostname));
    return url;
  }

  /** Every address of a name is checked, and any refused one refuses the name: which one is connected to is not ours to choose. */
  checkAddress(hostname: string, address: string): void {
    const range = rangeOf(address);
    if (range === 'public' || (range === 'private' && this.privileged(hostname))) return;
    throw new ReceiverRefused(`${bare(hostname)} is at ${address}, which is not a public address`);
  }

  private privileged(hostname: string): boolean {
    return this.everyHost || this.hosts.has(bare(hostname));
  }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$|\.$/g, '');
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^[0-9.]+$/.test(hostname);
}
