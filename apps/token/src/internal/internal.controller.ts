import { Controller } from '@nestjs/common';
import { type ResponseOf, type ServiceName, tokenApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { recordPassed } from '#libs/event-log';
import { Internal, InternalBody, InternalCaller, type InternalRequest } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { IssueCode } from '../codes/issue-code.js';
import { grantsOfSubject } from '../grants/grants-of-subject.js';
import { Revocations } from '../grants/revocations.js';
import { IntrospectRefreshToken } from './introspect-refresh-token.js';

type Body<K extends keyof typeof tokenApi> = InternalRequest<(typeof tokenApi)[K]>;
type Answer<K extends keyof typeof tokenApi> = Promise<ResponseOf<(typeof tokenApi)[K]>>;

/** apps/token/src/internal serves `tokenApi` (but for the keys, which src/keys serves itself) and holds no rule of its own. */
@Controller()
export class InternalController {
  constructor(
    private readonly db: Database,
    private readonly codes: IssueCode,
    private readonly revocations: Revocations,
    private readonly introspection: IntrospectRefreshToken,
  ) {}

  @Internal(tokenApi.issueCode)
  async issueCode(@InternalBody() contents: Body<'issueCode'>): Answer<'issueCode'> {
    return { code: await this.codes.issue(contents) };
  }

  @Internal(tokenApi.revokeGrants)
  revokeGrants(@InternalBody() { by, reason, actor }: Body<'revokeGrants'>, @InternalCaller() caller: ServiceName): Answer<'revokeGrants'> {
    return this.revocations.confirmed(by, { reason, actor: actor ?? caller });
  }

  @Internal(tokenApi.grantsOfSubject)
  async grantsOfSubject(@InternalBody() { sub }: Body<'grantsOfSubject'>): Answer<'grantsOfSubject'> {
    return { clients: await grantsOfSubject(this.db, sub) };
  }

  @Internal(tokenApi.introspectRefreshToken)
  introspectRefreshToken(@InternalBody() { token, client_id }: Body<'introspectRefreshToken'>): Answer<'introspectRefreshToken'> {
    return this.introspection.introspect(token, client_id);
  }

  @Internal(tokenApi.logPassed)
  async passed(@InternalBody() report: Body<'logPassed'>): Answer<'logPassed'> {
    if (await recordPassed(this.db, 'token', report)) return {};
    throw oauthError('invalid_request', {
      detail: `position ${report.position} of ${report.reader} was never given, or there is no such reader`,
    });
  }
}
