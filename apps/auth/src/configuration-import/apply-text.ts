import { Inject, Injectable } from '@nestjs/common';
import { adminConflict } from '#libs/admin-api';
import { type AuthConfig, type ConfigProblem, readConfigurationText } from '#libs/config';
import type { EventPayload } from '#libs/contracts';
import { Database, Pepper } from '#libs/database';
import { oauthError } from '#libs/protocol';
import { AfterChange } from '../changes/after-change.js';
import { AfterSubjectChange } from '../changes/after-subject-change.js';
import { refuseMoreRights } from '../clients/judge-registration.js';
import type { CallerRights } from '../clients/register-client.js';
import { AUTH_CONFIG } from '../ports.js';
import { ConfigurationImport, type Imported } from './configuration-import.js';
import { type ConfigurationChange, describePlan, fingerprintOf, type ImportPlan } from './describe-plan.js';

export interface ConfigurationFile {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

export interface PlannedText {
  readonly problems: readonly ConfigProblem[];
  readonly needs_restart: readonly string[];
  readonly changes: readonly ConfigurationChange[];
  /** null: it has problems. */
  readonly plan: string | null;
}

export interface AppliedText {
  readonly needs_restart: readonly string[];
  readonly changes: readonly ConfigurationChange[];
  /** Sessions that ended by this call. */
  readonly ended: number;
  readonly confirmed: boolean;
}

const ANNOUNCED_AT_ONCE = 8;

/** The import as an operator asks for it: first what it would do, then exactly that. */
@Injectable()
export class ApplyText {
  constructor(
    private readonly db: Database,
    private readonly imports: ConfigurationImport,
    private readonly pepper: Pepper,
    private readonly after: AfterChange,
    private readonly afterSubject: AfterSubjectChange,
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
  ) {}

  async plan(file: ConfigurationFile): Promise<PlannedText> {
    const { catalogue, problems, restart } = this.read(file);
    if (!catalogue) return { problems, needs_restart: restart, changes: [], plan: null };
    const plan = await this.db.transaction((tx) => this.imports.plan(tx, catalogue));
    return { problems, needs_restart: restart, changes: describePlan(plan), plan: fingerprintOf(this.pepper, file.text, plan) };
  }

  async apply(file: ConfigurationFile, shown: string, caller: CallerRights): Promise<AppliedText> {
    const { catalogue, problems, restart } = this.read(file);
    if (!catalogue) {
      const description = problems.map(({ where, message }) => `${where}: ${message}`).join('; ');
      throw oauthError('invalid_request', { description: description.slice(0, 1_000) });
    }
    const agree = (plan: ImportPlan) => {
      if (!this.pepper.equal(fingerprintOf(this.pepper, file.text, plan), shown))
        throw adminConflict('What this text would change is not what was shown: plan it again.');
      refuseRights(plan, caller.scopes);
    };
    const imported = await this.imports.runAs(catalogue, { actor: caller.actor, agree });
    return { needs_restart: restart, changes: describePlan(imported.plan), ...(await this.announce(imported)) };
  }

  private read({ name, text }: ConfigurationFile) {
    return readConfigurationText(name, text, this.config, process.env);
  }

  /** Who left the file ends now and not when the log says so, and the answer says whether that is true everywhere. */
  private async announce({ events, entries }: Imported): Promise<Pick<AppliedText, 'ended' | 'confirmed'>> {
    const left = events.flatMap((event) =>
      event.name === 'SubjectChanged' && event.payload.change === 'disabled'
        ? [event.payload satisfies EventPayload<'SubjectChanged'>]
        : [],
    );
    const subs = new Set(left.map(({ sub }) => sub));
    const others = entries.filter(({ kind, id }) => kind !== 'subject' || !subs.has(id));
    let confirmed = others.length === 0 || (await this.after.announce(others));
    let ended = 0;
    for (let from = 0; from < left.length; from += ANNOUNCED_AT_ONCE) {
      const batch = left.slice(from, from + ANNOUNCED_AT_ONCE);
      const outcomes = await Promise.all(
        batch.map((changed) =>
          this.afterSubject.announce({ changed, entries: entries.filter(({ kind, id }) => kind === 'subject' && id === changed.sub) }),
        ),
      );
      ended += outcomes.reduce((sum, outcome) => sum + (outcome.ended ?? 0), 0);
      confirmed = outcomes.every((outcome) => outcome.confirmed) && confirmed;
    }
    return { ended, confirmed };
  }
}

/** Who may import is not thereby who may do everything (decision 0015): no client gains, loses or changes rights that the caller lacks. */
function refuseRights({ clients, before }: ImportPlan, held: readonly string[]): void {
  for (const { metadata } of [...clients.created, ...clients.updated]) refuseMoreRights(metadata, held);
  for (const { client_id: id } of clients.updated) refuseMoreRights(before.clients.get(id)?.metadata ?? {}, held);
}
