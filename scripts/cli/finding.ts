import type { Row } from './output.js';

/** One thing that the doctor looked at, and one sentence about it. */
export interface Finding extends Row {
  readonly ok: boolean;
  readonly service: string;
  readonly what: string;
  readonly said: string;
}

export function seconds(value: number): string {
  return value < 120 ? `${value.toFixed(value < 10 ? 2 : 0)} s` : `${Math.round(value / 60)} min`;
}

export function days(ms: number): string {
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`;
}
