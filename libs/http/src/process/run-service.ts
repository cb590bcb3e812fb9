import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '#libs/contracts';
import type { HttpConfig } from '../http-config.js';
import { ListenError } from '../listening.js';
import { Log } from '../log.js';
import { WaitingRoom } from './waiting-room.js';

export interface ServicePorts {
  /** The service is about to listen on its ports itself. */
  readonly beforeListening: () => Promise<void>;
}

type Place = Pick<HttpConfig, 'host' | 'ports' | 'logLevel'>;

export interface ServiceRun<C extends HttpConfig> {
  readonly service: ServiceName;
  /** Throws what `atFault` names when the settings are wrong. */
  readonly load: () => C;
  /** Of what `load` threw: where to wait, if it may come right by itself; null: it may not. */
  readonly waitsFor: (error: unknown) => Place | null;
  /** Must leave nothing behind when it throws: it is called again. */
  readonly create: (config: C, ports: ServicePorts) => Promise<{ close(): Promise<void> }>;
  /** Errors that no second try mends: the settings must be changed. */
  readonly atFault: readonly (new (
    ...args: never[]
  ) => Error)[];
}

/** sysexits.h EX_CONFIG: a supervisor need not try again before somebody has changed something. */
const EX_CONFIG = 78;
const FIRST_PAUSE_MS = 500;
/** Of a cluster that was without its database for long, the first seconds with it again are not lost to waiting. */
const LONGEST_PAUSE_MS = 3_000;

/**
 * A service as a process: it starts, or says at `/health/ready` and in its log why it can't yet, and tries again; wrong settings end it with 78, a port that
 * is taken with 1. SIGTERM and SIGINT close it.
 */
export async function runService<C extends HttpConfig>(run: ServiceRun<C>): Promise<void> {
  try {
    await keepStarting(run);
  } catch (error) {
    const settings = run.atFault.some((kind) => error instanceof kind);
    const known = settings || error instanceof ListenError;
    process.stderr.write(`${run.service}: ${known || !(error instanceof Error) ? messageOf(error) : error.stack}\n`);
    process.exit(settings ? EX_CONFIG : 1);
  }
}

async function keepStarting<C extends HttpConfig>(run: ServiceRun<C>): Promise<void> {
  const { service, create, atFault } = run;
  let settings = load(run);
  const log = Log.open({ level: settings.at.logLevel, service });
  const room = new WaitingRoom(settings.at);
  const leave = () => process.exit(0);
  process.on('SIGTERM', leave).on('SIGINT', leave);
  await room.open('starting');
  for (let attempt = 1; ; attempt++) {
    try {
      if (settings.config === null) settings = load(run);
      if (settings.config === null) throw settings.error;
      const running = await create(settings.config, { beforeListening: () => room.close() });
      process.off('SIGTERM', leave).off('SIGINT', leave);
      closeOnSignal(running);
      return;
    } catch (error) {
      const mayCome = settings.config === null && run.waitsFor(error) !== null;
      if (!mayCome && (error instanceof ListenError || atFault.some((kind) => error instanceof kind))) throw error;
      const reason = messageOf(error);
      log.error('the service can not start yet', { reason, attempt }, error);
      await room.open(reason);
      await delay(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS));
    }
  }
}

/** `config` null: not yet, because of `error`. */
function load<C extends HttpConfig>(run: ServiceRun<C>): { at: Place; config: C | null; error: unknown } {
  try {
    const config = run.load();
    return { at: config, config, error: null };
  } catch (error) {
    const at = run.waitsFor(error);
    if (at === null) throw error;
    return { at, config: null, error };
  }
}

function closeOnSignal(running: { close(): Promise<void> }): void {
  const stop = () => {
    running.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** Of a failed connection to several addresses only the first one's reason says anything. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
