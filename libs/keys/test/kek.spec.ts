import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { KeyError } from '../src/errors.js';
import { Kek } from '../src/kek.js';

const binding = { kid: 'k1', alg: 'ES256', version: 1 };
const secret = randomBytes(32);
const kek = () => Kek.local(secret, 'LANYARD_KEK');

describe('a key at rest', () => {
  it('comes back as it was, in another process with the same KEK', async () => {
    const key = randomBytes(121);
    expect(await kek().open(await kek().seal(key, binding), binding)).toEqual(key);
  });

  it('two envelopes of one key have nothing in common but the KEK’s id', async () => {
    const key = randomBytes(32);
    const [first, second] = [await kek().seal(key, binding), await kek().seal(key, binding)].map((envelope) => envelope.split('.'));
    expect(first?.[1]).toBe(second?.[1]);
    expect(first?.[2]).not.toBe(second?.[2]);
    expect(first?.[3]).not.toBe(second?.[3]);
  });

  it('the envelope holds neither the key nor the KEK', async () => {
    const key = randomBytes(32);
    const bytes = (await kek().seal(key, binding)).split('.').map((part) => Buffer.from(part, 'base64url'));
    for (const part of bytes) {
      expect(part.includes(key)).toBe(false);
      expect(part.includes(secret.subarray(0, 8))).toBe(false);
    }
  });

  it.each([
    ['key id', { ...binding, kid: 'k2' }],
    ['algorithm', { ...binding, alg: 'RS256' }],
    ['version', { ...binding, version: 2 }],
  ])('does not open in the row of another %s', async (_, other) => {
    await expect(kek().open(await kek().seal(randomBytes(32), binding), other)).rejects.toThrow(KeyError);
  });

  it('a wrong KEK is named with what it is and what is needed', async () => {
    const envelope = await kek().seal(randomBytes(32), binding);
    const wrong = Kek.local(randomBytes(32), 'LANYARD_KEK');
    const opened = wrong.open(envelope, binding);
    await expect(opened).rejects.toThrow(KeyError);
    await expect(opened).rejects.toThrow(
      /^LANYARD_KEK is not the key .* needs the one with id .{11}, this one has id .{11}\. Restore LANYARD_KEK from its backup$/,
    );
    await expect(opened).rejects.toThrow(envelope.split('.')[1]);
  });

  it('a KEK that is too short is refused', () => {
    expect(() => Kek.local(randomBytes(16), 'LANYARD_KEK')).toThrow('LANYARD_KEK must be at least 32 random bytes; it has 16');
  });

  it('an altered or truncated envelope is refused', async () => {
    const envelope = await kek().seal(randomBytes(32), binding);
    await fc.assert(
      fc.asyncProperty(fc.nat(envelope.length - 1), fc.integer({ min: 0, max: 6 }), async (at, bit) => {
        const altered = envelope.slice(0, at) + String.fromCharCode(envelope.charCodeAt(at) ^ (1 << bit)) + envelope.slice(at + 1);
        await expect(kek().open(altered, binding)).rejects.toThrow(KeyError);
        await expect(kek().open(envelope.slice(0, at), binding)).rejects.toThrow(KeyError);
      }),
      { numRuns: 200 },
    );
  });
});
