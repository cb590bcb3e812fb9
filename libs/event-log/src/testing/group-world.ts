import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ReceivedEvent } from '#libs/contracts';
import { until } from '#libs/testing';
import { connectLogTransport } from '../group/connect-log-transport.js';
import type { LogContext } from '../group/log-context.js';
import { LogTransport, type LogTransportOptions } from '../group/log-transport.js';
import type { PassedReport } from '../outbox/record-passed.js';
import type { LogWorld } from './log-world.js';

export type Handler = (event: ReceivedEvent<'SessionEnded'>, context: LogContext) => Promise<void>;
type Options = Partial<Omit<LogTransportOptions, 'db' | 'reader' | 'logDatabaseUrl'>>;

/** Instances of a consuming service (`token`, reading the session service's events), each a Nest application with the real transport. */
export class GroupWorld {
  readonly reports: PassedReport[] = [];
  private readonly apps: INestApplication[] = [];

  constructor(private readonly world: LogWorld) {}

  async start(handler: Handler, options: Options = {}): Promise<LogTransport> {
    const transport = new LogTransport({
      db: this.world.owners.token,
      reader: 'token',
      logDatabaseUrl: this.world.logUrl,
      partitions: this.world.partitions,
      reportEveryMs: 50,
      retry: { tries: 3, baseMs: 1, maxMs: 5 },
      report: async (_source, report) => void this.reports.push(report),
      ...options,
    });
    const app = await NestFactory.create(moduleOf(handler), new FastifyAdapter(), { logger: false });
    connectLogTransport(app, transport);
    await app.init();
    await app.startAllMicroservices();
    this.apps.push(app);
    return transport;
  }

  /** Everything an instance does at SIGTERM. */
  async stop(): Promise<void> {
    await Promise.all(this.apps.splice(0).map((app) => app.close()));
  }

  async publish(...sids: string[]): Promise<void> {
    const payload = (sid: string) => ({
      sid,
      sub: 'u',
      reason: 'logout' as const,
      initiated_by: 'user' as const,
      ended_at: 1,
      end_id: `end-${sid}`,
    });
    for (const sid of sids) {
      const event = { name: 'SessionEnded' as const, payload: payload(sid.split('#')[0] ?? '') };
      await this.world.publish('session', { events: [{ ...event, payload: { ...event.payload, end_id: sid } }] });
    }
    await this.world.relay('session');
  }

  /** Of all partitions together: how many events are done. */
  async position(): Promise<number> {
    const [row] = await this.world.database.query<{ position: string }>(
      "SELECT sum(position) AS position FROM token.log_position WHERE source = 'session'",
    );
    return Number(row?.position ?? -1);
  }

  async reached(position: number): Promise<void> {
    await until(async () => (await this.position()) >= position, { what: `position ${position}` });
  }

  async deadLetters(): Promise<{ reason: string; key: string | null; tries: number }[]> {
    return this.world.database.query('SELECT reason, key, tries FROM token.dead_letter ORDER BY pseq');
  }
}

function moduleOf(handler: Handler) {
  @Controller()
  class Consumer {
    @EventPattern<string>('SessionEnded')
    ended(@Payload() event: ReceivedEvent<'SessionEnded'>, @Ctx() context: LogContext): Promise<void> {
      return handler(event, context);
    }
  }
  @Module({ controllers: [Consumer] })
  class ConsumerModule {}
  return ConsumerModule;
}
