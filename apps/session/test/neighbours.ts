import { generateKeyPairSync, type JsonWebKey, type KeyPairKeyObjectResult } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { SessionConfig } from '#libs/config';
import { authApi, SERVICES, type ServiceName, tokenApi, viewApi } from '#libs/contracts';
import { openDatabase } from '#libs/database';
import { LogOwner, lineageMigration, Outbox, outboxMigration } from '#libs/event-log';
import { createHttpApp, type HttpApp, Internal, InternalBody, InternalClient, type InternalRequest } from '#libs/http';
import { providerSettings } from '#libs/protocol';
import type { TestDatabase } from '#libs/testing';

/** What auth and token answer to the session service, and what views are told; for a spec of the session service alone. */
export const asked = {
  clients: new Map<string, Record<string, unknown>>(),
  hints: [] as string[],
  passed: [] as number[],
};

@Controller()
class NeighbourController {
  @Internal({ ...authApi.client, callee: 'auth' })
  client(@InternalBody() { client_id }: InternalRequest<typeof authApi.client>) {
    const metadata = asked.clients.get(client_id);
    return { client: metadata ? { client_id, gen: 1, disabled: false, secrets: [], metadata, scopes: [] } : null };
  }

  @Internal(authApi.logPassed)
  passed(@InternalBody() { position }: InternalRequest<typeof authApi.logPassed>) {
    asked.passed.push(position);
    return {};
  }

  @Internal(tokenApi.sign)
  sign(@InternalBody() { claims }: InternalRequest<typeof tokenApi.sign>) {
    return { jwt: `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature` };
  }

  @Internal(viewApi.hint)
  hint(@InternalBody() { entries }: InternalRequest<typeof viewApi.hint>) {
    asked.hints.push(...entries.map(({ id }) => id));
    return {};
  }
}

@Module({ controllers: [NeighbourController] })
class NeighbourModule {}

const pairs = Object.fromEntries(SERVICES.map((name) => [name, generateKeyPairSync('ed25519')])) as Record<
  ServiceName,
  KeyPairKeyObjectResult
>;

export function configOf(service: ServiceName, database: TestDatabase, internalUrls: Record<ServiceName, string>): SessionConfig {
  const keys = SERVICES.map((name) => ({ ...(pairs[name].publicKey.export({ format: 'jwk' }) as JsonWebKey), kid: name }));
  const issuer = 'http://localhost:4000';
  return {
    issuer,
    publicUrls: { auth: issuer, token: issuer, session: issuer, introspect: issuer },
    internalUrls,
    host: '127.0.0.1',
    advertisedHost: '127.0.0.1',
    drainDelayMs: 0,
    ports: { public: 0, internal: 0 },
    portBase: 4000,
    trustedProxies: [],
    logLevel: 'silent',
    settings: providerSettings.parse({ allow_private_receivers: true, confirm_wait_ms: 1_000 }),
    databaseUrl: database.url('lanyard_session'),
    logDatabaseUrl: database.url('lanyard_log'),
    redis: null,
    pepper: Buffer.alloc(32, 'pepper'),
    serviceKey: { privateJwk: pairs[service].privateKey.export({ format: 'jwk' }) as JsonWebKey },
    serviceKeys: { keys },
    dataDir: mkdtempSync(join(tmpdir(), 'lanyard-session-spec-')),
    instanceId: `${service}-spec`,
    configFile: null,
    kafka: null,
  };
}

export interface Neighbour {
  http: HttpApp;
  /** Calls the session service in this neighbour's name. */
  client: InternalClient;
}

export async function neighbour(service: 'auth' | 'token', database: TestDatabase, urls: Record<ServiceName, string>): Promise<Neighbour> {
  const http = await createHttpApp(NeighbourModule, { config: configOf(service, database, urls), service });
  await http.listen();
  urls[service] = http.internalUrl;
  return { http, client: http.app.get(InternalClient) };
}

class AuthOutbox1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...outboxMigration('auth').up, ...lineageMigration('auth').up]) await runner.query(statement);
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

/** Auth's outbox, real, so that a SubjectChanged reaches the session service on the road that it takes in production. */
export async function authPublisher(database: TestDatabase) {
  const db = await openDatabase({
    url: database.url('lanyard_auth'),
    schema: 'auth',
    entities: [],
    migrations: [AuthOutbox1700000000000],
    applicationName: 'auth spec',
  });
  const owner = new LogOwner(db, 'auth', { dataDir: mkdtempSync(join(tmpdir(), 'lanyard-auth-spec-')) });
  await owner.start();
  const outbox = new Outbox('auth');
  return {
    async subjectDisabled(sub: string, gen: number): Promise<void> {
      await db.transaction((tx) => outbox.add(tx, { events: [{ name: 'SubjectChanged', payload: { sub, gen, change: 'disabled' } }] }));
      owner.relay.nudge();
    },
    async close(): Promise<void> {
      await owner.stop();
      await db.close();
    },
  };
}
