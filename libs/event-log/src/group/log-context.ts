import { BaseRpcContext } from '@nestjs/microservices';
import type { SourceName } from '#libs/contracts';

type Args = [source: SourceName, partition: number, pseq: number, attempt: number];

/** `@Ctx()` of a handler: where the event stands in the log and which try this is. */
export class LogContext extends BaseRpcContext<Args> {
  get source(): SourceName {
    return this.args[0];
  }

  get partition(): number {
    return this.args[1];
  }

  get number(): number {
    return this.args[2];
  }

  /** 1 at the first delivery by this process. */
  get attempt(): number {
    return this.args[3];
  }
}
