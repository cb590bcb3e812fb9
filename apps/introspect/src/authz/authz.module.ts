import { Module } from '@nestjs/common';
import { CallersModule } from '../callers/callers.module.js';
import { IntrospectionModule } from '../introspection/introspection.module.js';
import { AuthenticateGateway } from './authenticate-gateway.js';
import { AuthzEndpoint } from './authz.endpoint.js';
import { JudgeBearer } from './judge-bearer.js';

@Module({ imports: [CallersModule, IntrospectionModule], providers: [AuthzEndpoint, AuthenticateGateway, JudgeBearer] })
export class AuthzModule {}
