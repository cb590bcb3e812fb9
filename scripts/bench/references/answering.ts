/** What a reference server is told to answer: the bytes of the server it stands beside. Given as JSON in the environment. */
export interface Answering {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const ANSWERING = 'LANYARD_BENCH_ANSWERING';

export function answering(): Answering {
  return JSON.parse(process.env[ANSWERING] ?? '{}') as Answering;
}

/** Told to whoever started us. */
export function listensAt(port: number): void {
  process.send?.({ port });
}
