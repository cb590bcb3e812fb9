import { Module } from '@nestjs/common';
import { AccessTokenReader } from '#libs/sealing';
import { CallersModule } from '../callers/callers.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { IntrospectAccessToken } from './introspect-access-token.js';
import { IntrospectRefreshToken } from './introspect-refresh-token.js';
import { IntrospectionEndpoint } from './introspection.endpoint.js';
import { OpenedAccessTokens } from './opened-access-tokens.js';
import { PendingVerdicts } from './pending-verdicts.js';
import { SignedAnswer } from './signed-answer.js';

@Module({
  imports: [KeysModule, CallersModule],
  providers: [
    IntrospectionEndpoint,
    IntrospectAccessToken,
    IntrospectRefreshToken,
    PendingVerdicts,
    SignedAnswer,
    { provide: OpenedAccessTokens, inject: [AccessTokenReader], useFactory: (reader: AccessTokenReader) => new OpenedAccessTokens(reader) },
  ],
  exports: [OpenedAccessTokens, PendingVerdicts],
})
export class IntrospectionModule {}
