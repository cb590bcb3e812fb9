import { readFileSync } from 'node:fs';
import type { ConfigProblem } from '../config-error.js';

/** The environment with its problems collected, so that all of them are named at once. An empty value counts as unset. */
export class Environment {
  readonly problems: ConfigProblem[] = [];
  /** How many of them are files of secrets that are not there, or empty: somebody may be about to write them. */
  private notThere = 0;

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  get(name: string): string | undefined {
    return this.env[name]?.trim() || undefined;
  }

  report(where: string, message: string): void {
    this.problems.push({ where, message });
  }

  /** Waiting may help, and nothing else is wrong. */
  get mayCome(): boolean {
    return this.problems.length > 0 && this.problems.length === this.notThere;
  }

  /** `NAME`, or the content of the file that `NAME_FILE` names. */
  secret(name: string): string | undefined {
    const direct = this.get(name);
    const path = this.get(`${name}_FILE`);
    if (!path) return direct;
    if (direct) {
      this.report(name, `expected ${name} or ${name}_FILE, not both`);
      return undefined;
    }
    try {
      const content = readFileSync(path, 'utf8').trim();
      if (content !== '') return content;
      this.notThere++;
      this.report(`${name}_FILE`, `${path} is empty`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.notThere++;
      this.report(`${name}_FILE`, `${path} can't be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    }
    return undefined;
  }

  /** A secret that must be there and must parse; `expected` is said when it does not. The value itself is never repeated. */
  required<T>(name: string, parse: (text: string) => T | null, expected: string): T | null {
    const before = this.problems.length;
    const text = this.secret(name);
    if (text === undefined) {
      if (this.problems.length === before) this.report(name, `is not set; expected ${expected} (npm start makes it)`);
      return null;
    }
    const value = parse(text);
    if (value === null) this.report(name, `expected ${expected}`);
    return value;
  }

  /** An optional, public value. */
  parsed<T>(name: string, parse: (text: string) => T | null, expected: string): T | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === null) this.report(name, `expected ${expected}, found "${text.slice(0, 80)}"`);
    return value ?? undefined;
  }
}
