import { type DynamicModule, Module } from '@nestjs/common';
import { type ServiceName, SOURCES, type SourceName } from '#libs/contracts';
import {
  type BroadcastReader,
  KafkaBroadcastReader,
  type KafkaLogSettings,
  observeBroadcastReader,
  PostgresLogReader,
} from '#libs/event-log';
import { InternalClient, Log, Readiness, SERVICE_NAME } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { horizonMs, type ProviderSettings } from '#libs/protocol';
import { type Clock, systemClock } from '#libs/revocation';
import { EndConfirmer } from './end-confirmer.js';
import { HintController } from './hint.controller.js';
import { ViewService } from './view.service.js';
import { RemoteViewDirectory } from './view-directory.js';
import { observeView, viewObserver } from './view-observer.js';

export interface RevocationHostOptions {
  settings: Pick<ProviderSettings, 'freshness_bound_ms' | 'max_access_token_ttl' | 'confirm_wait_ms'>;
  logDatabaseUrl: string;
  /** Null or absent: the database is the log. */
  kafka?: KafkaLogSettings;
  sources?: readonly SourceName[];
  clock?: Clock;
  /** False: the process serves without a fresh view, and only what asks the view is refused. The session service, whom every view needs first. */
  partOfReadiness?: boolean;
  /** Another driver, or a test's. */
  reader?: BroadcastReader;
}

/**
 * ViewService, EndConfirmer and the hint endpoint. The session service holds a view for its admin API alone, and makes its EndConfirmer over its
 * own table.
 */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest's name for a module with options
export class RevocationHostModule {
  static forRoot(options: RevocationHostOptions): DynamicModule {
    const sources = options.sources ?? SOURCES;
    const clock = options.clock ?? systemClock;
    const horizon = horizonMs(options.settings);
    return {
      module: RevocationHostModule,
      global: true,
      controllers: [HintController],
      providers: [
        {
          provide: ViewService,
          inject: [InternalClient, Readiness, SERVICE_NAME, Metrics, Log],
          useFactory: (client: InternalClient, readiness: Readiness, service: ServiceName, metrics: Metrics, log: Log) => {
            const reader = options.reader ?? readerOf(options, { service, sources, clock, horizon, log });
            const views = new ViewService({
              service,
              sources,
              horizonMs: horizon,
              boundMs: options.settings.freshness_bound_ms,
              clock,
              reader,
              registry: new RemoteViewDirectory(client),
              readiness: options.partOfReadiness === false ? UNSEEN : readiness,
              observer: viewObserver(metrics, log),
            });
            observeView(metrics, views.view);
            observeBroadcastReader(metrics, reader);
            return views;
          },
        },
        {
          provide: EndConfirmer,
          inject: [InternalClient, ViewService, Metrics],
          useFactory: (client: InternalClient, own: ViewService, metrics: Metrics) =>
            new EndConfirmer({
              client,
              directory: new RemoteViewDirectory(client),
              waitMs: options.settings.confirm_wait_ms,
              own,
              metrics,
            }),
        },
      ],
      exports: [ViewService, EndConfirmer],
    };
  }
}

interface ReaderParts {
  service: ServiceName;
  sources: readonly SourceName[];
  clock: Clock;
  horizon: number;
  log: Log;
}

function readerOf(options: RevocationHostOptions, { service, sources, clock, horizon, log }: ReaderParts): BroadcastReader {
  const { logDatabaseUrl, kafka } = options;
  const common = { logDatabaseUrl, sources, clock, horizonMs: horizon, applicationName: `lanyard ${service} view` };
  if (!kafka) return new PostgresLogReader(common);
  return new KafkaBroadcastReader({ ...common, kafka, onTrouble: (message, details) => log.warn(message, details) });
}

const UNSEEN = { set: () => undefined };
