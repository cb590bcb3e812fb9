import { Inject, Injectable } from '@nestjs/common';
import { hashClientSecret } from '#libs/clients';
import { type AuthConfig, type Catalogue, type CatalogueApi, usernameKey } from '#libs/config';
import type { RevocationEntry } from '#libs/contracts';
import { Database, Pepper, type Tx } from '#libs/database';
import { type EventDraft, Outbox, Relay } from '#libs/event-log';
import { Log } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import { AUTH_CONFIG } from '../ports.js';
import { hashPassword } from '../users/password-hash.js';
import { adminApi } from './admin-api.js';
import type { ImportPlan } from './describe-plan.js';
import { planApis, readApis } from './plan-apis.js';
import { type ClientInFile, planClients } from './plan-clients.js';
import { planUsers } from './plan-users.js';
import { addApis, writeApis } from './write-apis.js';
import { readClients, rereadClients, writeClients } from './write-clients.js';
import { readUsers, writeUsers } from './write-users.js';
import { type ImportReport, reportOf, type Written } from './written.js';

/** Any number; taken for the length of the transaction. */
const LOCK = 7_105_927;
const LOCK_RETRY_MS = 100;
const HASHES_AT_ONCE = 4;

/** Who imports, and a last look at what it would do: what `agree` throws, undoes everything. */
export interface ImportedBy {
  readonly actor: string;
  agree(plan: ImportPlan): void;
}

const AT_START: ImportedBy = { actor: 'configuration', agree: () => undefined };

export interface Imported {
  readonly report: ImportReport;
  readonly plan: ImportPlan;
  readonly events: readonly EventDraft[];
  readonly entries: readonly RevocationEntry[];
}

/**
 * configuration-import/ owns bringing the file's APIs, clients and users into the tables: one transaction, idempotent, under a lock that
 * instances starting together share. What left the file is disabled, not deleted; an unchanged file writes nothing. It runs before
 * auth listens; what it reads was checked as a whole by libs/config.
 */
@Injectable()
export class ConfigurationImport {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly relay: Relay,
    private readonly pepper: Pepper,
    private readonly log: Log,
    @Inject(AUTH_CONFIG) private readonly config: Pick<AuthConfig, 'issuer'>,
  ) {}

  /** Without a file only what is always there is brought up to date. */
  async runWithoutFile(): Promise<void> {
    await this.db.transaction((tx) => addApis(tx, [adminApi(this.config.issuer)]));
  }

  async run(catalogue: Catalogue): Promise<ImportReport> {
    return (await this.runAs(catalogue, AT_START)).report;
  }

  async runAs(catalogue: Catalogue, by: ImportedBy): Promise<Imported> {
    const hashes = new Map<string, string>();
    for (;;) {
      await this.hashNewPasswords(catalogue, hashes);
      const imported = await this.db.transaction((tx) => this.attempt(tx, catalogue, hashes, by));
      if (imported !== 'busy') {
        this.relay.nudge();
        this.logSwitches(imported.events);
        return imported;
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  }

  private logSwitches(events: readonly EventDraft[]): void {
    for (const { name, payload } of events) {
      if (name !== 'ClientChanged' && name !== 'SubjectChanged') continue;
      const { change: action, actor } = payload;
      if (action !== 'disabled' && action !== 'enabled') continue;
      const who = 'sub' in payload ? { sub: payload.sub } : { client_id: payload.client_id };
      this.log.info('switched by the configuration file', { ...who, action, reason: 'configuration', actor });
    }
  }

  /** Reads only. */
  async plan(tx: Tx, catalogue: Catalogue): Promise<ImportPlan> {
    const [apis, clients, users] = [await readApis(tx), await readClients(tx), await readUsers(tx)];
    return {
      apis: planApis(apis, this.apisOf(catalogue)),
      clients: planClients(
        clients,
        catalogue.clients.map((client) => this.toRow(client)),
      ),
      users: planUsers(users, catalogue.users),
      before: { clients: new Map(clients.map((row) => [row.client_id, row])), users: new Map(users.map((row) => [row.sub, row])) },
    };
  }

  /** 'busy' = another instance is importing: tried again, because waiting inside would meet the statement timeout. */
  private async attempt(
    tx: Tx,
    catalogue: Catalogue,
    hashes: ReadonlyMap<string, string>,
    { actor, agree }: ImportedBy,
  ): Promise<Imported | 'busy'> {
    const { rows } = await tx.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
    if (!rows[0]?.locked) return 'busy';
    const plan = await this.plan(tx, catalogue);
    agree(plan);
    const scopes = await writeApis(tx, this.apisOf(catalogue));
    const clients = await writeClients(tx, plan.clients, actor);
    const told = new Set(clients.events.flatMap((event) => (event.name === 'ClientChanged' ? [event.payload.client_id] : [])));
    const reread = await rereadClients(tx, scopes, told);
    const users = await writeUsers(tx, plan.users, { hashes, actor });
    return this.publish(tx, joined([clients, reread, users]), plan, actor);
  }

  private async publish(tx: Tx, written: Written, plan: ImportPlan, actor: string): Promise<Imported> {
    const report = reportOf(written);
    const entries = await this.outbox.add(tx, written);
    if (written.audit.length > 0 || plan.apis.length > 0) {
      const details = { ...report, apis: plan.apis.length };
      const summary = { actor, action: 'configuration.imported' as const, target: 'catalogue', reason: null, details };
      await recordAudit(tx, [...written.audit, summary]);
    }
    return { report, plan, events: written.events, entries };
  }

  private apisOf({ apis }: Catalogue): CatalogueApi[] {
    return [...apis, adminApi(this.config.issuer)];
  }

  private toRow({ clientId, secrets, metadata }: Catalogue['clients'][number]): ClientInFile {
    return { client_id: clientId, secrets: secrets.map((secret) => hashClientSecret(this.pepper, secret)), metadata: { ...metadata } };
  }

  /** For users that are not there yet; known ones keep their password whatever the file says. */
  private async hashNewPasswords(catalogue: Catalogue, hashes: Map<string, string>): Promise<void> {
    const { rows } = await this.db.query<{ username_key: string }>('SELECT username_key FROM subject');
    const known = new Set(rows.map((row) => row.username_key));
    const missing = catalogue.users.filter(({ username }) => !known.has(usernameKey(username)) && !hashes.has(usernameKey(username)));
    for (let from = 0; from < missing.length; from += HASHES_AT_ONCE) {
      const batch = missing.slice(from, from + HASHES_AT_ONCE);
      const made = await Promise.all(
        batch.map(async ({ username, password }) => [usernameKey(username), await hashPassword(password)] as const),
      );
      for (const [key, hash] of made) hashes.set(key, hash);
    }
  }
}

function joined(parts: readonly Written[]): Written {
  return {
    events: parts.flatMap(({ events }) => events),
    revocations: parts.flatMap(({ revocations }) => revocations),
    audit: parts.flatMap(({ audit }) => audit),
  };
}
