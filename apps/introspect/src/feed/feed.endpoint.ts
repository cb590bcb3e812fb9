import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formOf, Parameters } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { oauthError, unavailable } from '#libs/protocol';
import type { Clock } from '#libs/revocation';
import { AuthenticateCaller } from '../callers/authenticate-caller.js';
import { CLOCK } from '../tokens.js';
import { Feed } from './feed.js';

/** Long enough for a place to be free; another instance may have one at once. */
const FULL_RETRY_SECONDS = 5;

/** `/revocations`: who asks, whether there is a place, and then the stream is the feed's. */
@Injectable()
export class FeedEndpoint {
  constructor(
    private readonly authenticateCaller: AuthenticateCaller,
    private readonly feed: Feed,
    private readonly metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async listen(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // 1. who asks: a resource server
    const clientId = await this.resourceServer(request);
    // 2. whether there is anything to hear, and a place
    if (!this.feed.open) throw this.refusal('not_ready', 'the view has not been complete yet, or this process leaves');
    const full = this.feed.refusal(clientId);
    if (full) throw this.refusal(full, 'no place for another listener of this client', FULL_RETRY_SECONDS);
    // 3. the stream
    const lastEventId = request.headers['last-event-id'];
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      // nginx passes on what it would otherwise collect
      'x-accel-buffering': 'no',
    });
    this.feed.listen(clientId, reply.raw, typeof lastEventId === 'string' ? lastEventId : undefined);
  }

  async probe(request: FastifyRequest): Promise<string> {
    // before anything is awaited: the ticket must be younger than the question, and the later this moment the more it would let through
    const since = this.clock.monotonic();
    const clientId = await this.resourceServer(request);
    const full = this.feed.probeRefusal(clientId);
    if (full) throw this.refusal(full, 'too many probes of this client wait');
    const answer = await this.feed.probe(clientId, since);
    if (answer === null) throw this.refusal('not_fresh', 'the view could not prove itself in time');
    return answer;
  }

  /** The same authentication as introspection's. A client that no token is meant for has no use for what it would hear. */
  private async resourceServer(request: FastifyRequest): Promise<string> {
    const form = request.body === undefined || request.body === null ? Parameters.EMPTY : formOf(request);
    const { clientId, isPublic, resourceServerFor } = await this.authenticateCaller.of(request, form);
    if (isPublic || resourceServerFor.length === 0) {
      throw oauthError('unauthorized_client', { description: 'The feed is for clients that are registered with resource_server_for.' });
    }
    return clientId;
  }

  private refusal(reason: 'full' | 'share' | 'not_ready' | 'not_fresh', detail: string, retryAfterSeconds = 1): Error {
    this.metrics.add('lanyard_feed_refused_total', { reason });
    return unavailable(detail, retryAfterSeconds);
  }
}
