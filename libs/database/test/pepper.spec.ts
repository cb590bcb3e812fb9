import { Pepper, randomId, randomSecret } from '../src/index.js';

describe('pepper', () => {
  const pepper = new Pepper(Buffer.alloc(32, 1));

  it('gives the same hash for the same type and value, and another for each other type, value or secret', () => {
    const mac = pepper.mac('code', 'abc');
    expect(mac).toBe(new Pepper(Buffer.alloc(32, 1)).mac('code', 'abc'));
    expect(mac).toMatch(/^[\w-]{43}$/);
    const others = [pepper.mac('cookie', 'abc'), pepper.mac('code', 'abd'), new Pepper(Buffer.alloc(32, 2)).mac('code', 'abc')];
    expect(new Set([mac, ...others]).size).toBe(4);
  });

  it('compares values of any length', () => {
    expect([pepper.equal('a', 'a'), pepper.equal('a', 'ab'), pepper.equal('', '')]).toEqual([true, false, true]);
  });

  it('refuses a secret that could be guessed', () => {
    expect(() => new Pepper('short')).toThrow('at least 32 bytes');
  });

  it('ids are 128 bits and secrets 256, both random', () => {
    expect(randomId()).toMatch(/^[\w-]{22}$/);
    expect(randomSecret('lanyard_ac_')).toMatch(/^lanyard_ac_[\w-]{43}$/);
    expect(randomId()).not.toBe(randomId());
  });
});
