import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceName } from '#libs/contracts';
import { Metrics, observeProcess } from '#libs/metrics';
import { AnswerTimes } from './answer-times.js';
import { type CorsPolicy, installCors } from './cors.js';
import { drain } from './drain.js';
import { ErrorFilter } from './errors/error.filter.js';
import { type ErrorWriter, writeError } from './errors/write-error.js';
import { installBodyParsers, PUBLIC_BODY_LIMIT } from './forms/body-parsers.js';
import { withHttp } from './http.module.js';
import type { HttpConfig } from './http-config.js';
import { listenError, listening } from './listening.js';
import { Log } from './log.js';
import { NestLog } from './nest-log.js';
import { refuseOtherMethods } from './not-found.js';
import { observeMachine } from './observe-machine.js';
import { observeReadiness } from './observe-readiness.js';
import { LEAVING, Readiness } from './readiness.js';
import { makeRequestId, markInternal } from './request-facts.js';
import { installRoutingHooks } from './routing-hooks.js';
import { firstHeaderList, setFirstHeaders } from './security-headers.js';
import { answerClientError, SERVER_OPTIONS } from './server-options.js';
import { type ShortRoute, ShortWay } from './short-way.js';
import { TrustedProxies } from './trusted-proxies.js';

export interface HttpAppOptions {
  readonly config: HttpConfig;
  readonly service: ServiceName;
  readonly readiness?: Readiness;
  readonly logger?: Log;
  /** Answers errors of some routes itself: auth's pages. */
  readonly ownErrors?: ErrorWriter;
  /** The request id in every log line and internal call, by AsyncLocalStorage. A hot path may do without: it costs on every await. */
  readonly requestContext?: boolean;
  /** Milliseconds, the same for all services: what service tokens are judged by. Default: this machine's date. */
  readonly sharedClock?: { now(): number };
  /** Whoever stood at the ports until now leaves them. */
  readonly beforeListening?: () => Promise<void>;
  /** How long requests under way may take to finish after close() was called. */
  readonly drainMs?: number;
}

/** An identifier of 255 characters in a path, each percent-encoded at its longest; what is longer is 413. No route matches by an expression. */
const MAX_PARAMETER = 255 * 12;

/** What the listeners look at for each request. */
interface HttpState {
  draining: boolean;
  shorten: (route: ShortRoute) => void;
  shortWay: ShortWay | null;
}

/** One Nest application on one Fastify instance behind two listeners: the public one and the internal one. */
export class HttpApp {
  private internal: Server | null = null;
  private left: Promise<void> | null = null;
  private closed: Promise<void> | null = null;

  constructor(
    readonly app: NestFastifyApplication,
    private readonly options: HttpAppOptions,
    readonly readiness: Readiness,
    readonly log: Log,
    private readonly state: HttpState,
  ) {}

  get publicUrl(): string {
    return urlOf(this.fastify.server, this.options.config.host);
  }

  get internalUrl(): string {
    if (!this.internal) throw new Error('not listening');
    return urlOf(this.internal, this.options.config.host);
  }

  /** The internal listener as the other services reach it, wherever they run. */
  get advertisedUrl(): string {
    if (!this.internal) throw new Error('not listening');
    const { advertisedHost, host } = this.options.config;
    return urlOf(this.internal, advertisedHost ?? host);
  }

  /** For `browser` clients' scripts. Call before listen(). */
  cors(policy: CorsPolicy): void {
    installCors(this.fastify, policy);
  }

  /** The usual request of this route is answered ahead of everything else; the ordinary route stays, for all others. Call before listen(). */
  shorten(route: ShortRoute): void {
    this.state.shorten(route);
  }

  /** Opens the internal listener first: others may need us to become ready, whatever our own readiness says. */
  async listen(): Promise<void> {
    const { host, ports } = this.options.config;
    await this.app.init();
    await this.fastify.ready();
    try {
      await this.options.beforeListening?.();
      this.internal = createServer(SERVER_OPTIONS, (request, response) => this.fastify.routing(request, response));
      this.internal.on('connection', markInternal);
      this.internal.on('clientError', answerClientError);
      await listening(this.internal, ports.internal, host);
      await this.fastify.listen({ port: ports.public, host });
      if (this.advertisedUrl !== this.internalUrl)
        this.log.info('the other services are told to reach this process at its advertised address', { address: this.advertisedUrl, host });
    } catch (error) {
      await this.close();
      throw listenError(error, host);
    }
  }

  /**
   * Unready, and still serving everything: a proxy that asks takes this process out before its listeners close. Whoever stops loops of its own calls
   * this before them; close() does it otherwise.
   */
  leave(): Promise<void> {
    this.left ??= this.beUnready();
    return this.left;
  }

  /** Stops accepting, lets what is under way finish, then shuts the application down. */
  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async beUnready(): Promise<void> {
    this.state.draining = true;
    this.readiness.set(LEAVING, false, 'shutting down');
    const { drainDelayMs = 0 } = this.options.config;
    if (drainDelayMs > 0 && this.fastify.server.listening) await delay(drainDelayMs);
  }

  private async shutDown(): Promise<void> {
    await this.leave();
    const servers = [this.fastify.server, this.internal].filter((server): server is Server => server?.listening ?? false);
    await drain(servers, this.options.drainMs ?? 10_000);
    await this.app.close();
    this.log.flush();
  }

  private get fastify(): FastifyInstance {
    return this.app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  }
}

export async function createHttpApp(rootModule: Type | DynamicModule, options: HttpAppOptions): Promise<HttpApp> {
  const { config, service } = options;
  const readiness = options.readiness ?? new Readiness();
  const log = options.logger ?? Log.open({ level: config.logLevel, service });
  const state: HttpState = {
    draining: false,
    shortWay: null,
    shorten: (route) => {
      state.shortWay = new ShortWay(route, shortWayOptions());
    },
  };
  const https = config.issuer.startsWith('https:');
  const proxies = new TrustedProxies(config.trustedProxies);
  const metrics = new Metrics(service);
  observeProcess(metrics);
  observeReadiness(metrics, readiness);
  const sharedClock = options.sharedClock ?? Date;
  if (config.dataDir !== undefined) observeMachine(metrics, { sharedClock, dataDir: config.dataDir });
  const errors = { log, realm: config.issuer, ...(options.ownErrors ? { own: options.ownErrors } : {}) };

  const adapter = new FastifyAdapter({
    serverFactory: (ordinary: RequestListener) =>
      createServer(SERVER_OPTIONS, (request, response) => {
        const { shortWay } = state;
        if (shortWay?.isFor(request)) shortWay.take(request, response, () => ordinary(request, response));
        else ordinary(request, response);
      }),
    bodyLimit: PUBLIC_BODY_LIMIT,
    genReqId: (request: IncomingMessage) => makeRequestId(request, proxies),
    clientErrorHandler: answerClientError,
    // A URL that can't be routed reaches no hook.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      setFirstHeaders(request, reply, https);
      writeError(error, request, reply, errors);
    },
    routerOptions: { querystringParser: () => ({}), maxParamLength: MAX_PARAMETER },
    skipMiddie: true,
    return503OnClosing: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  installBodyParsers(fastify);
  const times = new AnswerTimes(metrics);
  const shortWayOptions = () => ({
    isOpen: () => !state.draining && readiness.heldBack === null,
    requestIdOf: (request: IncomingMessage) => makeRequestId(request, proxies),
    headers: firstHeaderList(https),
    answered: (route: string, ms: number, request_id: string) => {
      const answer = { listener: 'public', method: 'POST', route, status: 200 } as const;
      times.observe(answer, ms);
      if (log.writes('debug')) log.debug('answered', { ...answer, ms: Math.round(ms * 10) / 10, request_id });
    },
  });
  const requestContext = options.requestContext ?? true;
  installRoutingHooks(fastify, {
    proxies,
    https,
    log,
    times,
    draining: () => state.draining,
    heldBack: () => readiness.heldBack,
    requestContext,
  });

  const app = await NestFactory.create<NestFastifyApplication>(
    withHttp(rootModule, { config, service, readiness, log, metrics, sharedClock }),
    adapter,
    {
      bodyParser: false,
      logger: new NestLog(log),
      abortOnError: false,
    },
  );
  app.useGlobalFilters(new ErrorFilter(errors));
  refuseOtherMethods(fastify);
  readiness.onChange(({ name, ok, reason }) => log[ok ? 'info' : 'warn']('readiness', { name, ok, reason }));
  return new HttpApp(app, options, readiness, log, state);
}

function urlOf(server: Server, host: string): string {
  const address = server.address() as AddressInfo | null;
  if (!address) throw new Error('not listening');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}
