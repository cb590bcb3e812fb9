import { Injectable } from '@nestjs/common';
import { Log, Readiness } from '#libs/http';
import { RemoteKeySet } from '#libs/keys';
import { HolderKeyring } from '#libs/sealing';

const RETRY_MS = 250;

/**
 * Reads the keys before this process is ready, so that no request has to wait for them. The token service may start after us:
 * it is asked again until it answers. Later keys come when a token names one, or behind a request's back.
 */
@Injectable()
export class KeyWarmUp {
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sealing: HolderKeyring,
    private readonly signing: RemoteKeySet,
    private readonly readiness: Readiness,
    private readonly log: Log,
  ) {
    readiness.set('keys', false, 'not read yet');
  }

  async start(): Promise<void> {
    try {
      await Promise.all([this.sealing.refresh(), this.signing.refresh()]);
      this.readiness.set('keys', true);
    } catch (error) {
      this.readiness.set('keys', false, reasonOf(error));
      this.log.debug('keys not read', { reason: reasonOf(error) });
      if (!this.stopped) this.timer = setTimeout(() => void this.start(), RETRY_MS).unref();
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}

/** The cause says what an operator can act on: a wrong LANYARD_SEALING_KEK, or a token service that does not answer. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
