import { Module } from '@nestjs/common';
import { CallersModule } from '../callers/callers.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { IntrospectAccessToken } from './introspect-access-token.js';
import { IntrospectRefreshToken } from './introspect-refresh-token.js';
import { IntrospectionController } from './introspection.controller.js';
import { IntrospectionEndpoint } from './introspection.endpoint.js';
import { PendingVerdicts } from './pending-verdicts.js';

@Module({
  imports: [KeysModule, CallersModule],
  controllers: [IntrospectionController],
  providers: [IntrospectionEndpoint, IntrospectAccessToken, IntrospectRefreshToken, PendingVerdicts],
})
export class IntrospectionModule {}
