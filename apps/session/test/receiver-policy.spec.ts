import type { LookupAddress } from 'node:dns';
import { rangeOf } from '../src/backchannel/address-range.js';
import { checkedLookup } from '../src/backchannel/checked-lookup.js';
import { ReceiverPolicy, ReceiverRefused } from '../src/backchannel/receiver-policy.js';

const strict = new ReceiverPolicy({ issuer: 'https://login.example', allowPrivate: false });
const named = new ReceiverPolicy({ issuer: 'https://login.example', allowPrivate: ['shop.internal', '[fd00::5]'] });
const local = new ReceiverPolicy({ issuer: 'http://localhost:4000', allowPrivate: true });

describe('addresses of receivers', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2606:4700::6810:84e5', 'public'],
    ['127.0.0.1', 'private'],
    ['127.8.9.10', 'private'],
    ['::1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.100.100.200', 'private'],
    ['fc00::1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['169.254.169.254', 'never'],
    ['168.63.129.16', 'never'],
    ['192.0.0.192', 'never'],
    ['198.18.0.1', 'never'],
    ['224.0.0.1', 'never'],
    ['240.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fec0::1', 'never'],
    ['ff02::1', 'never'],
    ['::ffff:127.0.0.1', 'never'],
    ['::ffff:93.184.216.34', 'never'],
    ['::127.0.0.1', 'never'],
    ['64:ff9b::7f00:1', 'never'],
    ['64:ff9b:1::a00:1', 'never'],
    ['2002:7f00:1::', 'never'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'never'],
    ['2001:db8::1', 'never'],
    ['not an address', 'never'],
  ] as const)('%s is %s', (address, range) => {
    expect(rangeOf(address)).toBe(range);
  });
});

describe('URLs of receivers', () => {
  it.each([
    ['https://shop.example/logout'],
    ['https://shop.example:8443/logout?tenant=a'],
    ['https://93.184.216.34/logout'],
    ['https://[2606:4700::6810:84e5]/logout'],
  ])('%s is allowed', (url) => {
    expect(strict.checkUrl(url).href).toContain('/logout');
  });

  it.each([
    ['http://shop.example/logout', 'http: is not https'],
    ['ftp://shop.example/logout', 'ftp: is not https'],
    ['file:///etc/passwd', 'file: is not https'],
    ['/logout', 'not an absolute URL'],
    ['https://user:pw@shop.example/logout', 'a user name or password'],
    ['https://shop.example/logout#x', 'a fragment'],
    ['https://shop.example:22/logout', 'port 22'],
    ['https://shop.example:6379/', 'port 6379'],
    ['https://{host}.example/logout', 'not a plain name'],
    ['https://$host/logout', 'not a plain name'],
    ['https://127.0.0.1/logout', 'not a public address'],
    ['https://2130706433/logout', 'not a public address'],
    ['https://0x7f.1/logout', 'not a public address'],
    ['https://0177.0.0.1/logout', 'not a public address'],
    ['https://[::1]/logout', 'not a public address'],
    ['https://[::ffff:7f00:1]/logout', 'not a public address'],
    ['https://169.254.169.254/latest/meta-data', 'not a public address'],
    ['https://10.0.0.1/logout', 'not a public address'],
  ])('%s is refused: %s', (url, reason) => {
    expect(() => strict.checkUrl(url)).toThrow(ReceiverRefused);
    expect(() => strict.checkUrl(url)).toThrow(reason);
  });

  it('a host named in allow_private_receivers may be plain http, on any port, and only it', () => {
    expect(named.checkUrl('http://shop.internal:9000/logout').port).toBe('9000');
    expect(named.checkUrl('https://[fd00::5]:9443/logout').port).toBe('9443');
    expect(() => named.checkUrl('http://other.internal:9000/logout')).toThrow('http: is not https');
    expect(() => named.checkUrl('http://shop.internal.evil.example/')).toThrow('http: is not https');
  });

  it('true is believed on a loopback issuer only, and even there never for link-local metadata', () => {
    expect(local.checkUrl('http://localhost:5001/logout').port).toBe('5001');
    expect(() => local.checkUrl('http://169.254.169.254/latest')).toThrow('not a public address');
    const careless = new ReceiverPolicy({ issuer: 'https://login.example', allowPrivate: true });
    expect(() => careless.checkUrl('http://localhost:5001/logout')).toThrow('http: is not https');
  });
});

describe('the lookup that the socket calls', () => {
  const looked = (policy: ReceiverPolicy, addresses: LookupAddress[], hostname = 'shop.example') =>
    new Promise((resolve) => {
      checkedLookup(policy, () => Promise.resolve(addresses))(hostname, { all: true }, (error, found) => resolve(error ?? found));
    });
  const v4 = (address: string): LookupAddress => ({ address, family: 4 });

  it('hands on exactly the addresses it has checked', async () => {
    expect(await looked(strict, [v4('93.184.216.34')])).toEqual([v4('93.184.216.34')]);
  });

  it('refuses a name of which one address is private, whichever would be connected to', async () => {
    expect(await looked(strict, [v4('93.184.216.34'), v4('10.0.0.7')])).toBeInstanceOf(ReceiverRefused);
    expect(await looked(strict, [{ address: '::1', family: 6 }, v4('93.184.216.34')])).toBeInstanceOf(ReceiverRefused);
  });

  it('lets a named host be private, but never link-local', async () => {
    expect(await looked(named, [v4('10.0.0.7')], 'shop.internal')).toEqual([v4('10.0.0.7')]);
    expect(await looked(named, [v4('169.254.169.254')], 'shop.internal')).toBeInstanceOf(ReceiverRefused);
  });

  it('reports a name without address as not found, which may pass', async () => {
    expect(await looked(strict, [])).toMatchObject({ code: 'ENOTFOUND' });
  });
});
