import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WitnessFile } from './witness-file.js';

const TIMES = 50;

describe('owners that share a directory, and have one process id between them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-witness-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('write their witness at once without taking each other’s file', async () => {
    const owners = Array.from({ length: 4 }, () => new WitnessFile(folder, 'session'));
    for (let n = 1; n <= TIMES; n++) await Promise.all(owners.map((owner) => owner.raise({ 'revocations/0': n })));
    expect(await owners[0]?.read()).toEqual({ 'revocations/0': TIMES });
    expect(readdirSync(folder)).toEqual(['log-witness-session.json']);
  });

  it('leave nothing behind when the file can’t be put in its place', async () => {
    const taken = join(folder, 'taken');
    // As root nothing is read-only; a directory can't be replaced by a file for anybody.
    mkdirSync(join(taken, 'log-witness-auth.json'), { recursive: true });
    const owner = new WitnessFile(taken, 'auth');
    jest.spyOn(owner, 'read').mockResolvedValue(null);
    await expect(owner.raise({ 'events/0': 1 })).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(taken)).toEqual(['log-witness-auth.json']);
  });
});
