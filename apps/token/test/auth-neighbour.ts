import { Controller, Module } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { loadConfig } from '#libs/config';
import { authApi, type ClientRecord, type EventPayload, type ScopeRecord } from '#libs/contracts';
import { type Database, openDatabase, Pepper } from '#libs/database';
import { type Change, LogOwner, lineageMigration, Outbox, outboxMigration } from '#libs/event-log';
import { createHttpApp, type HttpApp, Internal, InternalBody, InternalClient, type InternalRequest } from '#libs/http';
import { clientMetadata, isStandardScope, parseScope } from '#libs/protocol';
import type { ServiceWorld } from '#libs/testing';

type Story = ReturnType<typeof import('#libs/testing').testConfig>;

/**
 * Auth as the token service knows it: client records, and events on the road that they take in production. A spec turns what a client may
 * do from one request to the next, which auth's configuration file can't.
 */
export class AuthNeighbour {
  readonly clients = new Map<string, ClientRecord>();
  away = false;

  private constructor(
    private readonly http: HttpApp,
    private readonly db: Database,
    private readonly owner: LogOwner,
  ) {}

  static async start(world: ServiceWorld, story: Story): Promise<AuthNeighbour> {
    const config = loadConfig('auth', { ...world.environment('auth') });
    const db = await openDatabase({
      url: config.databaseUrl,
      schema: 'auth',
      entities: [],
      migrations: [AuthOutbox1700000000000],
      applicationName: 'auth spec',
    });
    const owner = new LogOwner(db, 'auth', { dataDir: config.dataDir });
    await owner.start();
    const http = await createHttpApp(NeighbourModule, { config, service: 'auth' });
    const neighbour = new AuthNeighbour(http, db, owner);
    http.app.get(NeighbourController).auth = neighbour;
    await http.listen();
    const pepper = new Pepper(config.pepper);
    for (const client of story.clients) neighbour.clients.set(client.client_id, recordOf(client, story, pepper));
    return neighbour;
  }

  get internal(): InternalClient {
    return this.http.app.get(InternalClient);
  }

  /** Changes a record and tells it as auth does: raising nothing, or with a generation that kills. */
  async change(
    clientId: string,
    change: (record: ClientRecord) => ClientRecord,
    kind: EventPayload<'ClientChanged'>['change'] = 'updated',
  ) {
    const before = this.clients.get(clientId);
    if (!before) throw new Error(clientId);
    const after = change(before);
    this.clients.set(clientId, after);
    const payload = { client_id: clientId, gen: after.gen, change: kind };
    await this.publish({ events: [{ name: 'ClientChanged', payload }], revocations: [{ kind: 'client', id: clientId, gen: after.gen }] });
  }

  async subjectChanged(sub: string, gen: number, change: EventPayload<'SubjectChanged'>['change'], withEntry = true): Promise<void> {
    await this.publish({
      events: [{ name: 'SubjectChanged', payload: { sub, gen, change } }],
      ...(withEntry ? { revocations: [{ kind: 'subject', id: sub, gen }] } : {}),
    });
  }

  async close(): Promise<void> {
    await this.http.close();
    await this.owner.stop();
    await this.db.close();
  }

  private async publish(change: Change): Promise<void> {
    await this.db.transaction((tx) => new Outbox('auth').add(tx, change));
    this.owner.relay.nudge();
  }
}

@Controller()
class NeighbourController {
  auth: AuthNeighbour;

  @Internal(authApi.client)
  client(@InternalBody() { client_id }: InternalRequest<typeof authApi.client>) {
    if (this.auth.away) throw new Error('auth is away');
    return { client: this.auth.clients.get(client_id) ?? null };
  }

  @Internal(authApi.browserOrigin)
  origin(@InternalBody() { origin }: InternalRequest<typeof authApi.browserOrigin>) {
    return { allowed: origin === 'http://localhost:4093' };
  }

  @Internal(authApi.logPassed)
  passed() {
    return {};
  }
}

@Module({ controllers: [NeighbourController] })
class NeighbourModule {}

class AuthOutbox1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...outboxMigration('auth').up, ...lineageMigration('auth').up]) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

function recordOf({ client_id, client_secret, ...written }: Story['clients'][number], story: Story, pepper: Pepper): ClientRecord {
  const metadata = clientMetadata.parse(written);
  return {
    client_id,
    gen: 0,
    disabled: false,
    secrets: typeof client_secret === 'string' ? [{ hash: pepper.mac('client_secret', client_secret), weak: false }] : [],
    metadata: { ...metadata },
    scopes: parseScope(metadata.scope).map((name) => scopeRecord(name, story)),
  };
}

function scopeRecord(name: string, story: Story): ScopeRecord {
  if (isStandardScope(name)) return { name, description: null, api: null, access_token_format: null };
  const api = story.apis.find(({ scopes }) => Object.hasOwn(scopes as object, name));
  return {
    name,
    description: null,
    api: String(api?.identifier),
    access_token_format: (api?.access_token_format ?? 'opaque') as 'opaque' | 'jwt',
  };
}
