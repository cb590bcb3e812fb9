/** The shape of libs/revocation's `Clock`; said again here because this lib lies below it. Milliseconds. */
export interface LogClock {
  monotonic(): number;
  wall(): number;
}

export const PROCESS_CLOCK: LogClock = { monotonic: () => performance.now(), wall: () => Date.now() };
