import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';

/** Where auth starts before the token service, userinfo answers 503 for this long after the latter is there. */
const RETRY_MS = 250;

/**
 * Reads the keys of access tokens when the process starts, so that the first userinfo request doesn't wait for them, and is answered even if
 * the token service is away by then. Not a condition of readiness: people sign in and out without these keys.
 */
export class WarmKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly rings: readonly { refresh(): Promise<void> }[]) {}

  /** Not awaited: the token service may start after us. */
  onApplicationBootstrap(): void {
    void this.read(this.rings);
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async read(rings: readonly { refresh(): Promise<void> }[]): Promise<void> {
    const results = await Promise.allSettled(rings.map((ring) => ring.refresh()));
    const missing = rings.filter((_, index) => results[index]?.status === 'rejected');
    if (missing.length > 0 && !this.stopped) this.timer = setTimeout(() => void this.read(missing), RETRY_MS).unref();
  }
}
