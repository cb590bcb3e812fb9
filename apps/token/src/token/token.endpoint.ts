import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { type Client, ClientAuthenticator } from '#libs/clients';
import type { Parameters } from '#libs/http';
import { oauthError, refuseNotBuilt } from '#libs/protocol';
import { GrantTypes } from '../grant-types/grant-types.js';
import type { Issuance } from '../issuing/issuance.js';
import { IssueTokens, type TokenAnswer } from '../issuing/issue-tokens.js';
import { Standing } from '../liveness/standing.js';
import { CHECKPOINTS } from '../ports.js';
import type { Deadline } from './deadline.js';
import { type BuiltGrantType, grantTypeOf, parseTokenRequest } from './token-request.js';

export interface TokenCall {
  readonly authorization: string | undefined;
  readonly form: Parameters;
  readonly address: string;
  readonly deadline: Deadline;
}

/**
 * apps/token/src/token owns the token endpoint: who asks, whether they may, and what must hold when the answer is sent. What a grant
 * gives is the grant's; nothing here reads a table. Called by its controller only.
 */
@Injectable()
export class TokenEndpoint {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly grants: GrantTypes,
    private readonly tokens: IssueTokens,
    private readonly standing: Standing,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async answer({ authorization, form, address, deadline }: TokenCall): Promise<TokenAnswer> {
    // 1 · who asks, before anything is looked at that the client could be refused for
    const client = await this.authenticator.authenticate({ authorization, params: form, address });

    // 2 · what for, and may it
    const grantType = grantTypeOf(form);
    mayUse(client, grantType);
    const request = parseTokenRequest(form, grantType);

    // 3 · the grant decides, and writes what is its own
    const issuance = await this.grants.grant({ client, request, deadline });

    // 4 · mint
    await this.checkpoints.reach(`token.${issuance.flow}.before-mint`);
    deadline.check();
    const answer = await this.tokens.issue(issuance);
    await this.checkpoints.reach(`token.${issuance.flow}.before-answer`);

    // 5 · what became of it while we worked
    this.stillStands(issuance);
    deadline.check();
    return answer;
  }

  private stillStands({ handles, byView }: Issuance): void {
    if (byView) this.standing.requireFresh();
    this.standing.refuseRevoked(handles);
  }
}

/** What is registered but not built is refused, never ignored. */
function mayUse(client: Client, grantType: BuiltGrantType): void {
  if (!client.metadata.grant_types.includes(grantType)) throw oauthError('unauthorized_client');
  refuseNotBuilt(client.metadata, 'token');
}
