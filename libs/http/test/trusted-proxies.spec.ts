import { TrustedProxies } from '../src/trusted-proxies.js';

describe('the client address', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '::1']);

  it('is the socket when the socket is no trusted proxy, whatever the header says', () => {
    expect(proxies.clientOf('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
  });

  it('is what the trusted proxy says', () => {
    expect(proxies.clientOf('10.1.2.3', '198.51.100.1')).toBe('198.51.100.1');
    expect(proxies.clientOf('::1', '2001:db8::1')).toBe('2001:db8::1');
  });

  it('stops at the first untrusted hop from the right: what is left of it was written by the client', () => {
    expect(proxies.clientOf('10.1.2.3', '1.1.1.1, 198.51.100.1, 10.9.9.9')).toBe('198.51.100.1');
  });

  it('does not believe garbage', () => {
    expect(proxies.clientOf('10.1.2.3', 'evil')).toBe('10.1.2.3');
    expect(proxies.clientOf('10.1.2.3', undefined)).toBe('10.1.2.3');
  });

  it('counts an IPv4-mapped address as its IPv4 address', () => {
    expect(proxies.clientOf('::ffff:203.0.113.9', undefined)).toBe('203.0.113.9');
    expect(proxies.clientOf('::ffff:10.0.0.1', '198.51.100.1')).toBe('198.51.100.1');
  });
});
