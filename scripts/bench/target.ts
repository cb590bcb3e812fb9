import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { besideReferences } from './comparisons/beside-references.js';
import { inRandomOrder } from './comparisons/requests.js';
import type { Comparison, Prepared } from './contender.js';
import { formRequest, getRequest } from './http-request.js';

/**
 * Another server, as a file describes it. `{token}` in `form` and `headers` stands for one of `tokens`, each of which may be sent any number of
 * times; `expect.includes` must be in the body of a right answer.
 */
const targetFile = z.strictObject({
  name: z.string().min(1),
  url: z.url({ protocol: /^http$/ }),
  method: z.enum(['GET', 'POST']).default('POST'),
  headers: z.record(z.string(), z.string()).default({}),
  form: z.record(z.string(), z.string()).default({}),
  tokens: z.array(z.string()).min(1).default(['']),
  expect: z.strictObject({ status: z.int(), includes: z.string().optional() }),
  /** Of the server, to read its CPU and memory. */
  pid: z.int().positive().optional(),
});
export type Target = z.infer<typeof targetFile>;

export function readTarget(path: string): Target {
  return targetFile.parse(JSON.parse(readFileSync(resolve(path), 'utf8')));
}

export async function prepareTarget(target: Target, load: Comparison['load']): Promise<Prepared> {
  const { name, url, expect } = target;
  const { hostname, port } = new URL(url);
  const requests = requestsOf(target);
  const subject = { name, host: hostname, port: Number(port || 80), pid: target.pid ?? null };
  const { contenders, stop } = await besideReferences(subject, {
    requests: async (run) => inRandomOrder(requests, run + 1),
    isRight: ({ status, body }) => status === expect.status && (expect.includes === undefined || body.includes(expect.includes)),
  });
  return { comparison: { name: 'target', title: `${name}, closed loop`, contenders, yardstick: 'bare-fastify', load }, stop };
}

export function requestsOf({ url, method, headers, form, tokens }: Target): Buffer[] {
  const { pathname, search } = new URL(url);
  return tokens.map((token) => {
    const filled = (values: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replaceAll('{token}', token)]));
    return method === 'GET'
      ? getRequest(pathname + search, filled(headers))
      : formRequest(pathname + search, filled(headers), filled(form));
  });
}
