import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');

export interface ComposeService {
  readonly image: string;
  readonly command?: string[];
  readonly environment?: Record<string, string>;
  readonly secrets?: string[];
  readonly networks: string[] | Record<string, { ipv4_address?: string; aliases?: string[] }>;
  readonly ports?: string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly volumes?: string[];
  readonly stop_grace_period?: string;
  readonly healthcheck?: { test?: string[]; disable?: boolean };
  readonly deploy?: { resources?: { limits?: Record<string, string> } };
}

export interface ComposeFile {
  readonly services: Record<string, ComposeService>;
  readonly secrets: Record<string, { file: string }>;
  readonly volumes: Record<string, unknown>;
  readonly networks: Record<string, { internal?: boolean }>;
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const composeFile = (): ComposeFile => parse(textOf('docker-compose.yml'), { merge: true }) as ComposeFile;

/** By the command of their container. */
export function instancesOf(file: ComposeFile, command: string): [string, ComposeService][] {
  return Object.entries(file.services).filter(([, service]) => service.command?.[0] === command);
}
