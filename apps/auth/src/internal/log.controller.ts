import { Controller } from '@nestjs/common';
import { authApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { recordPassed } from '#libs/event-log';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import { oauthError } from '#libs/protocol';

/** Group readers report what they have handled of this service's events; what they have not is kept. */
@Controller()
export class LogController {
  constructor(private readonly db: Database) {}

  @Internal(authApi.logPassed)
  async passed(@InternalBody() report: InternalRequest<typeof authApi.logPassed>): Promise<Record<string, never>> {
    if (await recordPassed(this.db, 'auth', report)) return {};
    throw oauthError('invalid_request', {
      detail: `position ${report.position} of ${report.reader} was never given, or there is no such reader`,
    });
  }
}
