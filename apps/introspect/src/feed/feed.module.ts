import { Module, type OnModuleInit } from '@nestjs/common';
import type { IntrospectConfig } from '#libs/config';
import { Metrics } from '#libs/metrics';
import { horizonMs } from '#libs/protocol';
import type { Clock } from '#libs/revocation';
import { ViewService } from '#libs/revocation-host';
import { CallersModule } from '../callers/callers.module.js';
import { CLOCK, INTROSPECT_CONFIG } from '../tokens.js';
import { FeedController } from './feed.controller.js';
import { FeedEndpoint } from './feed.endpoint.js';
import { Feed } from './feed.js';

/**
 * feed/ owns `GET /revocations` and its probe: the view of this process for resource servers, as server-sent events. It reads the view and what the
 * log tells it, and writes to nothing. Resource servers call it (docs/revocation-feed.md).
 */
@Module({
  imports: [CallersModule],
  controllers: [FeedController],
  providers: [
    {
      provide: Feed,
      inject: [ViewService, CLOCK, INTROSPECT_CONFIG, Metrics],
      useFactory: ({ view }: ViewService, clock: Clock, { settings, feed }: IntrospectConfig, metrics: Metrics) =>
        new Feed({
          view,
          clock,
          metrics,
          horizonMs: horizonMs(settings),
          boundMs: settings.freshness_bound_ms,
          maxListeners: feed.maxListeners,
        }),
    },
    FeedEndpoint,
  ],
})
export class FeedModule implements OnModuleInit {
  constructor(
    private readonly views: ViewService,
    private readonly feed: Feed,
  ) {}

  onModuleInit(): void {
    this.views.follow(this.feed);
    this.views.onClientChanged((clientId) => this.feed.clientChanged(clientId));
  }
}
