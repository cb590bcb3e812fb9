import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { AuthConfig } from '#libs/config';
import { Ticker } from '#libs/event-log';
import { Log } from '#libs/http';
import { AfterChange } from './changes/after-change.js';
import { AfterSubjectChange } from './changes/after-subject-change.js';
import { SetClientDisabled } from './clients/set-client-disabled.js';
import { ApplyText } from './configuration-import/apply-text.js';
import { ConfigurationImport } from './configuration-import/configuration-import.js';
import { StartReport } from './configuration-import/start-report.js';
import { RevokeConsent } from './consents/revoke-consent.js';
import { ClientsController } from './internal/clients.controller.js';
import { ConsentsController } from './internal/consents.controller.js';
import { LogController } from './internal/log.controller.js';
import { SubjectsController } from './internal/subjects.controller.js';
import { AUTH_CONFIG } from './ports.js';
import { ChangePassword } from './users/change-password.js';
import { CreateUser } from './users/create-user.js';
import { RevokeSubject } from './users/revoke-subject.js';
import { SetSubjectDisabled } from './users/set-subject-disabled.js';

const RESUME_MS = 30_000;

/**
 * What auth holds and answers about people, clients and consents, beside the pages, discovery and userinfo: changes, import, internal
 * API. Nest bootstraps it before the listeners open, so nothing is answered from before the import.
 */
@Module({
  controllers: [ClientsController, SubjectsController, ConsentsController, LogController],
  providers: [
    AfterChange,
    AfterSubjectChange,
    SetSubjectDisabled,
    RevokeSubject,
    ChangePassword,
    CreateUser,
    SetClientDisabled,
    RevokeConsent,
    ConfigurationImport,
    ApplyText,
    StartReport,
  ],
  // For the account pages and the admin API.
  exports: [AfterChange, SetSubjectDisabled, RevokeSubject, ChangePassword, CreateUser, SetClientDisabled, RevokeConsent, ApplyText],
})
export class RecordsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly resuming: Ticker;

  constructor(
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
    private readonly configurationImport: ConfigurationImport,
    private readonly startReport: StartReport,
    revokeConsent: RevokeConsent,
    private readonly log: Log,
  ) {
    const resume = async () => void (await revokeConsent.resume());
    this.resuming = new Ticker(RESUME_MS, resume, (error) => log.warn('a withdrawn consent still has grants', {}, error));
  }

  async onApplicationBootstrap(): Promise<void> {
    const { catalogue, configFile } = this.config;
    if (!catalogue) {
      await this.configurationImport.runWithoutFile();
    } else {
      const { created, updated, disabled, enabled } = await this.configurationImport.run(catalogue);
      const count = created + updated + disabled + enabled;
      this.log.info('configuration imported', { file: configFile, count, state: count === 0 ? 'unchanged' : 'changed' });
    }
    await this.startReport.write();
    this.resuming.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.resuming.stop();
  }
}
