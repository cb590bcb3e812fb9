import type { NetworkInterfaceInfo } from 'node:os';
import { advertisedHost, defaultAdvertisedHost } from '../src/advertised-host.js';

const at = (address: string, internal = false) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;
const INTERFACES = {
  lo: [at('127.0.0.1', true), at('::1', true)],
  eth0: [at('fe80::1'), at('2001:db8::7'), at('10.42.0.17')],
  eth1: [at('172.31.77.21')],
};

describe('the address that others are told', () => {
  it('is the one that is listened on, where that is one', () => {
    expect(defaultAdvertisedHost('10.1.2.3', INTERFACES)).toBe('10.1.2.3');
    expect(defaultAdvertisedHost('auth-1.internal', INTERFACES)).toBe('auth-1.internal');
  });

  it('is that of the first interface which is not loopback, where all are listened on', () => {
    expect(defaultAdvertisedHost('0.0.0.0', INTERFACES)).toBe('10.42.0.17');
    expect(defaultAdvertisedHost('::', INTERFACES)).toBe('10.42.0.17');
  });

  it('is no IPv6 address of a process that listens on IPv4 alone, and none of one link', () => {
    const six = { lo: INTERFACES.lo, eth0: [at('fe80::1'), at('2001:db8::7')] };
    expect(defaultAdvertisedHost('::', six)).toBe('2001:db8::7');
    expect(defaultAdvertisedHost('0.0.0.0', six)).toBe('127.0.0.1');
  });

  it('is loopback on a machine without a network', () => {
    expect(defaultAdvertisedHost('0.0.0.0', { lo: INTERFACES.lo })).toBe('127.0.0.1');
  });

  it.each(['10.0.0.1', 'auth-1', 'auth-1.lanyard.svc', '2001:db8::7'])('may be given: %s', (text) => {
    expect(advertisedHost(text)).toBe(text);
  });

  it.each(['0.0.0.0', '::', 'http://auth-1', 'auth-1:4010', '[::1]', 'two words', '-x'])('may not be given: %s', (text) => {
    expect(advertisedHost(text)).toBeNull();
  });
});
