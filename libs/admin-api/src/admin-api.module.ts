import { Controller, type DynamicModule, type FactoryProvider, Get, Inject, Module, type Type } from '@nestjs/common';
import type { ServiceName } from '#libs/contracts';
import { ViewService } from '#libs/revocation-host';
import { AdminGuard } from './admin.guard.js';
import { AdminInterceptor } from './admin.interceptor.js';
import { ADMIN_AUDIT, type AdminAudit } from './admin-audit.js';
import { AuditCalls } from './audit-calls.js';
import { type OpenApiDocument, openApiOf } from './openapi.js';
import { ADMIN_TOKEN_READER, type AdminTokenReader, REMOTE_READER } from './token-reader.js';

export interface AdminApiOptions {
  service: ServiceName;
  /** Those with @AdminRoute handlers. They are registered by the app's own modules, where their dependencies are. */
  controllers: readonly Type[];
  /** Gets a row of every call of a known caller that wrote none itself. */
  audit: AdminAudit;
  publicUrls: Readonly<Record<ServiceName, string>>;
  /** The token service reads its own tokens by its own keys; all others ask it for the public ones. */
  reader?: Pick<FactoryProvider<AdminTokenReader>, 'inject' | 'useFactory'>;
}

const DOCUMENT = Symbol('DOCUMENT');

/** Global: gives @AdminRoute its guard and interceptor, and serves the OpenAPI document. Needs RevocationHostModule beside it. */
@Module({})
export class AdminApiModule {
  constructor(@Inject(ADMIN_TOKEN_READER) reader: AdminTokenReader, views: ViewService) {
    views.onKeyRevoked((kid) => reader.dropKey(kid));
  }

  static forRoot({ service, controllers, audit, publicUrls, reader = REMOTE_READER }: AdminApiOptions): DynamicModule {
    const document = openApiOf({ service, controllers, server: publicUrls[service], tokenUrl: `${publicUrls.token}/token` });
    return {
      module: AdminApiModule,
      global: true,
      controllers: [openApiController(service)],
      providers: [
        { provide: ADMIN_TOKEN_READER, ...reader },
        { provide: ADMIN_AUDIT, useValue: audit },
        { provide: DOCUMENT, useValue: document },
        AuditCalls,
        AdminGuard,
        AdminInterceptor,
      ],
      exports: [ADMIN_TOKEN_READER, AuditCalls, AdminGuard, AdminInterceptor],
    };
  }
}

/** Public: it says what the repository says, and nothing about this installation's data. */
function openApiController(service: ServiceName): Type {
  @Controller()
  class OpenApiController {
    constructor(@Inject(DOCUMENT) private readonly document: OpenApiDocument) {}

    @Get(`admin/${service}/openapi.json`)
    get(): OpenApiDocument {
      return this.document;
    }
  }
  return OpenApiController;
}
