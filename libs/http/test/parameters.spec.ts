import { Parameters } from '../src/forms/parameters.js';

const refused = (encoded: string) => {
  try {
    Parameters.parse(encoded);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return 'accepted';
};

describe('Parameters', () => {
  it('reads names and values, plus signs and percent-encoding', () => {
    const parameters = Parameters.parse('scope=openid+profile&state=%C3%A4%26&flag');
    expect(parameters.get('scope')).toBe('openid profile');
    expect(parameters.get('state')).toBe('ä&');
    expect(parameters.get('missing')).toBeUndefined();
  });

  it('treats a parameter without a value as omitted (RFC 6749 §3.1)', () => {
    const parameters = Parameters.parse('prompt=&nonce');
    expect(parameters.get('prompt')).toBeUndefined();
    expect(parameters.has('nonce')).toBe(false);
    expect([...parameters.entries()]).toEqual([]);
  });

  it('refuses a name sent twice, with the same or another value, or empty', () => {
    expect(refused('a=1&a=2')).toBe('invalid_request');
    expect(refused('a=1&a=1')).toBe('invalid_request');
    expect(refused('a=1&a=')).toBe('invalid_request');
    expect(refused('a=1&%61=2')).toBe('invalid_request');
  });

  it('lets resource repeat (RFC 8707 §2)', () => {
    expect(Parameters.parse('resource=https://a&resource=https://b').getAll('resource')).toEqual(['https://a', 'https://b']);
  });

  it('keeps duplicates for the endpoint that asks to judge them, and gives none of their values', () => {
    const parameters = Parameters.parse('state=1&state=2&client_id=c', { keepDuplicates: true });
    expect(parameters.duplicates()).toEqual(['state']);
    expect(parameters.get('state')).toBeUndefined();
    expect(parameters.get('client_id')).toBe('c');
  });

  it.each(['a=%', 'a=%zz', 'a=%C3', 'a=%ff', 'a=%ED%A0%80', '%E0%80%80=1'])('refuses %s: no valid percent-encoded UTF-8', (encoded) => {
    expect(refused(encoded)).toBe('invalid_request');
  });

  it.each(['a=%00', 'a%00=1', 'a=x%00y'])('refuses NUL in %s', (encoded) => {
    expect(refused(encoded)).toBe('invalid_request');
  });

  it('refuses more names than any request has', () => {
    expect(refused(Array.from({ length: 300 }, (_, i) => `p${i}=1`).join('&'))).toBe('invalid_request');
  });

  it('has no prototype to poison', () => {
    const parameters = Parameters.parse('__proto__=1&constructor=2');
    expect(parameters.get('__proto__')).toBe('1');
    expect(parameters.get('toString')).toBeUndefined();
  });
});
