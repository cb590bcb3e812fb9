import { execFile, spawn } from 'node:child_process';
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
  /** On a pseudo-terminal, which `script` makes: what stands on it, and an answer typed when it asks. */
  const onTerminal = (args: string[], answer: string): Promise<Omit<Ran, 'err'>> => {
    const words = [process.execPath, COMMAND, ...args];
    const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const how = process.platform === 'darwin' ? ['-q', '/dev/null', ...words] : ['-qec', line, '/dev/null'];
    const child = spawn('script', how, { env: { PATH: process.env.PATH, TERM: 'dumb', SHELL: '/bin/sh', ...who } });
    return new Promise((resolve, reject) => {
      let out = '';
      let asked = false;
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        if (!asked && out.includes('[y/N] ')) child.stdin.write(`${answer}\r`);
        asked ||= out.includes('[y/N] ');
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, out }));
    });
  };
  return { run, json, onTerminal };
}
