import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { ANSWERING, type Answering } from './answering.js';

export const REFERENCES = ['bare-http', 'bare-fastify'] as const;
export type ReferenceName = (typeof REFERENCES)[number];

/** A reference server in a process of its own. It leaves with the process that started it. */
export class Reference {
  private readonly exited: Promise<unknown>;

  private constructor(
    readonly name: ReferenceName,
    readonly port: number,
    private readonly child: ChildProcess,
  ) {
    this.exited = new Promise((resolve) => child.once('exit', resolve));
  }

  static async start(name: ReferenceName, answer: Answering): Promise<Reference> {
    const env = { ...process.env, NODE_ENV: 'production', [ANSWERING]: JSON.stringify(answer) };
    const child = fork(join(import.meta.dirname, `${name}.js`), { env, execArgv: [] });
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message) => resolve((message as { port: number }).port));
      child.once('exit', (code) => reject(new Error(`${name} ended (${code}) before it listened`)));
    });
    return new Reference(name, port, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
