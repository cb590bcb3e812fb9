import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { secretOf } from '#libs/testing';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Typed {
  readonly input?: string;
  readonly env?: Record<string, string>;
}

const COMMAND = join(import.meta.dirname, '../../bin/lanyard.mjs');

/** The `lanyard` command as a process of its own, without a terminal: what it prints, and what its exit code says. */
export function lanyardAt(issuer: string) {
  const who = { LANYARD_ISSUER: issuer, LANYARD_CLIENT_ID: 'admin-cli', LANYARD_CLIENT_SECRET: secretOf('admin-cli') };
  const run = (args: string[], { input = '', env = {} }: Typed = {}): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [COMMAND, ...args], { env: { PATH: process.env.PATH, ...who, ...env } }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      );
      child.stdin?.end(input);
    });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, out, err } = await run([...args, '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out) as T;
  };
  return { run, json };
}
