import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { ServiceTokens } from '../src/internal/service-tokens.js';
import { serviceKeys } from './service-keys.js';

const keys = serviceKeys();
let now = 1_000_000;
const open = (name: 'auth' | 'token' | 'session') =>
  new ServiceTokens(name, { privateJwk: keys.privateJwk(name), publicJwks: keys.jwks }, () => now);
const forge = (header: object, claims: object, signer: (input: Buffer) => Buffer) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
};
const byAuth = (input: Buffer) => sign(null, input, createPrivateKey({ key: keys.privateJwk('auth'), format: 'jwk' }));
const header = { alg: 'EdDSA', typ: 'lanyard-service+jwt', kid: 'auth' };
const claims = () => ({ iss: 'auth', aud: 'session', iat: now, exp: now + 60, jti: 'x' });
const verdict = (token: string, anyAudience = false) => {
  try {
    return open('session').verify(token, { anyAudience });
  } catch (error) {
    return (error as Error).message;
  }
};

describe('ServiceTokens', () => {
  it('proves the caller to the callee it was made for', () => {
    expect(verdict(open('auth').for('session'))).toBe('auth');
    expect(verdict(open('auth').for('token'))).toBe('wrong audience');
  });

  it('is made once per callee and renewed before it runs out', () => {
    const tokens = open('auth');
    const first = tokens.for('session');
    expect(tokens.for('session')).toBe(first);
    now += 46;
    expect(tokens.for('session')).not.toBe(first);
  });

  it('a token for anyone is good only where anyone may be called', () => {
    const token = open('auth').for('*');
    expect(verdict(token)).toBe('wrong audience');
    expect(verdict(token, true)).toBe('auth');
  });

  it('is refused after its minute, also when its verdict is cached', () => {
    const verifier = open('session');
    const token = open('auth').for('session');
    expect(verifier.verify(token, { anyAudience: false })).toBe('auth');
    now += 91;
    expect(() => verifier.verify(token, { anyAudience: false })).toThrow('expired');
  });

  it.each([
    [
      'another service signs in our name',
      () => forge({ ...header, kid: 'token' }, { ...claims(), iss: 'token' }, byAuth),
      'wrong signature',
    ],
    ['kid and iss differ', () => forge(header, { ...claims(), iss: 'token' }, byAuth), 'wrong claims'],
    ['alg none', () => forge({ ...header, alg: 'none' }, claims(), () => Buffer.alloc(0)), 'wrong header'],
    [
      'alg HS256 over the public key',
      () => forge({ ...header, alg: 'HS256' }, claims(), (i) => createHmac('sha256', JSON.stringify(keys.jwks)).update(i).digest()),
      'wrong header',
    ],
    ['another type of token', () => forge({ ...header, typ: 'at+jwt' }, claims(), byAuth), 'wrong header'],
    ['a life of an hour', () => forge(header, { ...claims(), exp: now + 3600 }, byAuth), 'lives too long'],
    ['issued in the future', () => forge(header, { ...claims(), iat: now + 300, exp: now + 360 }, byAuth), 'issued in the future'],
    ['an unknown service', () => forge({ ...header, kid: 'mallory' }, claims(), byAuth), 'wrong header'],
    ['not a token', () => 'abc', 'not a compact JWS'],
    ['not JSON', () => 'e30x.!!.', 'not a compact JWS'],
    ['very long', () => 'a.'.repeat(4000), 'too long'],
  ])('refuses %s', (_name, make, reason) => {
    const verdictOf = verdict(make());
    expect(['not JSON', 'wrong header', 'not a compact JWS'].includes(verdictOf) || verdictOf === reason).toBe(true);
    expect(verdictOf).not.toBe('auth');
  });

  it('refuses a token cut short or with a changed byte', () => {
    const token = open('auth').for('session');
    expect(verdict(token.slice(0, -4))).toBe('wrong signature');
    expect(verdict(`${token.slice(0, -10)}AAAAAAAAAA`)).toBe('wrong signature');
  });
});
