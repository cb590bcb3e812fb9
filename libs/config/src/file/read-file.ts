import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from '../config-error.js';

/** More lines of complaint than anyone reads at once. */
const MAX_PROBLEMS = 20;

/** A YAML file whose problems are told by path and line. */
export class SourceFile {
  private constructor(
    readonly path: string,
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  static read(path: string): SourceFile {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      throw new ConfigError([{ where: path, message: code === 'ENOENT' ? 'there is no such file' : `can't be read (${code ?? 'error'})` }]);
    }
    return SourceFile.parse(path, text);
  }

  static parse(path: string, text: string): SourceFile {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const errors = [...document.errors, ...document.warnings];
    if (errors.length > 0) {
      throw new ConfigError(
        errors
          .slice(0, MAX_PROBLEMS)
          .map((error) => ({ where: `${path} (line ${lines.linePos(error.pos[0]).line})`, message: error.message })),
      );
    }
    return new SourceFile(path, document, lines);
  }

  /** An empty file is an empty object. A bomb of aliases is refused by the parser's own limit. */
  value(): unknown {
    try {
      return (this.document.toJS({ maxAliasCount: 100 }) as unknown) ?? {};
    } catch (error) {
      throw new ConfigError([{ where: this.path, message: error instanceof Error ? error.message : 'not readable' }]);
    }
  }

  problem(path: readonly PropertyKey[], message: string): ConfigProblem {
    const line = this.lineOf(path);
    const inside = pathText(path);
    return { where: `${basename(this.path)}${inside ? `: ${inside}` : ''}${line ? ` (line ${line})` : ''}`, message };
  }

  error(error: z.ZodError): ConfigError {
    return new ConfigError(
      flatten(error.issues)
        .slice(0, MAX_PROBLEMS)
        .map(({ path, message }) => this.problem(path, message)),
    );
  }

  /** The line of the nearest thing that is written: a missing member has none of its own. */
  private lineOf(path: readonly PropertyKey[]): number | null {
    for (let length = path.length; length > 0; length--) {
      const node = this.document.getIn(path.slice(0, length), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as [number, number, number] | null) : null;
      if (range) return this.lines.linePos(range[0]).line;
    }
    return null;
  }
}

/** `clients[0].redirect_uris[1]`; members that are no plain names in quotes: `apis[0].scopes["photos:read"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = String(part);
      return /^[A-Za-z_][A-Za-z0-9_#-]*$/.test(name) ? `${index === 0 ? '' : '.'}${name}` : `[${JSON.stringify(name)}]`;
    })
    .join('');
}

interface Issue {
  path: PropertyKey[];
  message: string;
}

function flatten(issues: readonly z.core.$ZodIssue[]): Issue[] {
  return issues.flatMap((issue): Issue[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }));
    return [{ path: issue.path, message: issue.message }];
  });
}
