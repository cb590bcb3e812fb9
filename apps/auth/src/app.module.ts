import { type DynamicModule, Module } from '@nestjs/common';
import { RevocationHostModule } from '#libs/revocation-host';
import { AccountModule } from './account/account.module.js';
import { AdminModule } from './admin/admin.module.js';
import { discoveryModule } from './discovery/discovery.module.js';
import { PagesModule } from './pages.module.js';
import { type AuthParts, partsModule } from './parts.module.js';
import { RecordsModule } from './records.module.js';
import { UserinfoModule } from './userinfo/userinfo.module.js';

@Module({})
class AuthModule {}

/** What auth is made of. app.ts makes the parts that outlive Nest (database, log) and starts what runs by itself. */
export function authModule(parts: AuthParts): DynamicModule {
  const { issuer, settings, logDatabaseUrl, kafka } = parts.config;
  return {
    module: AuthModule,
    imports: [
      RevocationHostModule.forRoot({ settings, logDatabaseUrl, kafka }),
      partsModule(parts),
      RecordsModule,
      PagesModule,
      AccountModule,
      discoveryModule(issuer),
      UserinfoModule,
      AdminModule.forRoot(parts.config, parts.db),
    ],
  };
}
