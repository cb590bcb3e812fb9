import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT, textOf } from './compose-file.js';

export interface Probe {
  readonly httpGet: { path: string; port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface Container {
  readonly args: string[];
  readonly image: string;
  readonly ports: { name: string; containerPort: number }[];
  readonly envFrom?: { configMapRef: { name: string } }[];
  readonly env: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly startupProbe: Probe;
  readonly lifecycle: { preStop: { sleep: { seconds: number } } };
  readonly resources: { requests: Record<string, string>; limits: Record<string, string> };
  readonly securityContext: Record<string, unknown>;
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Record<string, unknown>;
  readonly containers: Container[];
  readonly volumes: { name: string; secret?: { secretName: string; items: { key: string; path: string }[] } }[];
}

export interface Manifest {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly data?: Record<string, string>;
  readonly spec: Record<string, unknown> & {
    template: { metadata: { labels: Record<string, string>; annotations: Record<string, string> }; spec: PodSpec };
    selector: Record<string, unknown> & { matchLabels?: Record<string, string> };
    ports: { name: string; port: number; targetPort: string }[];
  };
}

const FOLDER = 'deploy/kubernetes';

export const manifests: readonly Manifest[] = readdirSync(join(ROOT, FOLDER))
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(textOf(`${FOLDER}/${name}`)).map((document) => document.toJS() as Manifest));

export function manifest(kind: string, name: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}
