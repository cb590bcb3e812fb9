import { Controller, Get, Header } from '@nestjs/common';
import { EXPOSITION_TYPE, Metrics } from '#libs/metrics';

/**
 * For Prometheus, on the internal listener only (routing-hooks.ts). No service token: a scraper is no service of ours, and no metric says
 * anything about a person or a client; who can reach the internal network can read how busy we are.
 */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('Content-Type', EXPOSITION_TYPE)
  text(): Promise<string> {
    return this.metrics.text();
  }
}
