/** Both in milliseconds. `monotonic` may stand still while the machine sleeps, `wall` may jump: an age is the larger of the two. */
export interface Clock {
  monotonic(): number;
  wall(): number;
}

export const systemClock: Clock = { monotonic: () => performance.now(), wall: () => Date.now() };
