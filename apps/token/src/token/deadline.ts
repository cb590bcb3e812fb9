import { unavailable } from '#libs/protocol';

/** DESIGN, "Times in tokens": a request older than this mints nothing. */
export const REQUEST_DEADLINE_MS = 10_000;

/** How long a request has been with us, by the monotonic clock: stopping the process does not stop it, setting the date does not move it. */
export class Deadline {
  constructor(
    private readonly arrived: number,
    private readonly monotonic: () => number = () => performance.now(),
    private readonly limitMs = REQUEST_DEADLINE_MS,
  ) {}

  get ageMs(): number {
    return Math.max(0, this.monotonic() - this.arrived);
  }

  /** What it learned of the session is too old to make anything from it: the client asks again. */
  check(): void {
    if (this.ageMs > this.limitMs) throw unavailable(`the request is ${Math.round(this.ageMs)} ms old`);
  }
}
