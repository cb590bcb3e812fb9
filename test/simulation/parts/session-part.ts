import { sessionApi } from '#libs/contracts';
import { Outbox } from '#libs/event-log';
import type { InternalClient } from '#libs/http';
import { EndConfirmer } from '#libs/revocation-host';
import { CutGrants } from '../../../apps/session/src/backchannel/cut-grants.js';
import { Deliver } from '../../../apps/session/src/backchannel/deliver.js';
import { DeliveryLoop } from '../../../apps/session/src/backchannel/delivery-loop.js';
import { HostSlots } from '../../../apps/session/src/backchannel/host-slots.js';
import { ReceiverDirectory } from '../../../apps/session/src/backchannel/receiver-directory.js';
import type { SendLogoutToken, SendResult } from '../../../apps/session/src/backchannel/send-logout-token.js';
import { Settlements } from '../../../apps/session/src/backchannel/settlements.js';
import { SignLogoutToken } from '../../../apps/session/src/backchannel/sign-logout-token.js';
import { Reaper } from '../../../apps/session/src/expiry/reaper.js';
import { SessionsController } from '../../../apps/session/src/internal/sessions.controller.js';
import { AfterEnd } from '../../../apps/session/src/sessions/after-end.js';
import { EndSession } from '../../../apps/session/src/sessions/end-session.js';
import { EndPorts } from '../../../apps/session/src/sessions/end-sessions.js';
import { Lifetimes } from '../../../apps/session/src/sessions/lifetimes.js';
import { StartSession } from '../../../apps/session/src/sessions/start-session.js';
import { TouchSession } from '../../../apps/session/src/sessions/touch-session.js';
import { Truth } from '../../../apps/session/src/sessions/truth.js';
import { EndOutdated } from '../../../apps/session/src/signals/end-outdated.js';
import { SubjectChangedConsumer } from '../../../apps/session/src/signals/subject-changed.consumer.js';
import { ViewRegistry } from '../../../apps/session/src/views/view-registry.js';
import { groupReader } from '../group-port.js';
import type { Handler } from '../network.js';
import { NoAnswer } from '../network.js';
import type { Process } from '../scheduler.js';
import { SETTINGS } from '../settings.js';
import { CHECKS, clientOf, databaseOf, type Ground, LOG, METRICS, PEPPER, type Running, relayOf } from './parts.js';

/** The session service, whole but for its listeners and its admin API. */
export function sessionPart(ground: Ground, process: Process): Running {
  const db = databaseOf(ground, process, 'session');
  const internal = clientOf(ground, process);
  const { relay, chores: relaying } = relayOf(ground, process, db, 'session');
  const ports = new EndPorts(new Outbox('session', ground.kafka?.partitions), CHECKS);
  const lifetimes = new Lifetimes(SETTINGS);
  const registry = new ViewRegistry(db);
  const confirmer = new EndConfirmer({ client: internal, directory: registry, waitMs: SETTINGS.confirm_wait_ms });
  const loop = deliveryLoop(ground, process, internal);
  const afterEnd = new AfterEnd(relay, loop, confirmer, CHECKS, LOG);
  const truth = new Truth(db, lifetimes, PEPPER, CHECKS);
  const outdated = new EndOutdated(db, ports, afterEnd);
  const controller = new SessionsController(
    db,
    new StartSession(db, ports, lifetimes, PEPPER, afterEnd, relay),
    truth,
    new TouchSession(db, lifetimes, truth, CHECKS),
    new EndSession(db, ports, afterEnd),
    outdated,
  );
  const reaper = new Reaper(db, ports, afterEnd, LOG, CHECKS);
  const consumer = new SubjectChangedConsumer(outdated);
  const events = groupReader(ground, process, db, 'session', 'auth', {
    SubjectChanged: (event) => consumer.onSubjectChanged(event as never),
  });
  const handlers: [string, Handler][] = [
    [sessionApi.start.path, (body) => controller.start(body)],
    [sessionApi.truth.path, (body) => controller.truth(body)],
    [sessionApi.touch.path, (body) => controller.touch(body)],
    [sessionApi.end.path, (body) => controller.end(body)],
    [sessionApi.endOutdated.path, (body) => controller.endOutdated(body)],
    [sessionApi.registerView.path, (body) => registry.register(body)],
    [sessionApi.listViews.path, async () => ({ views: await registry.list() })],
    [sessionApi.unregisterView.path, async ({ view_id }: { view_id: string }) => registry.remove(view_id).then(() => ({}))],
  ];
  const chores = {
    ...relaying,
    reap: () => reaper.reapAll(),
    deliver: () => (loop as unknown as { claim(): Promise<void> }).claim(),
    'follow auth': events,
  };
  return { process, handlers: new Map(handlers), chores, views: null };
}

function deliveryLoop(ground: Ground, process: Process, internal: InternalClient): DeliveryLoop {
  const db = databaseOf(ground, process, 'session');
  const slots = new HostSlots();
  const settlements = new Settlements(db, LOG, METRICS);
  const deliver = new Deliver(
    new ReceiverDirectory(internal),
    new SignLogoutToken(internal),
    sender(ground, process),
    settlements,
    slots,
    CHECKS,
  );
  return new DeliveryLoop(db, new CutGrants(db, internal, settlements), deliver, slots, LOG);
}

/** To the clients' receivers, over the same bad network; what they answer is theirs. */
function sender({ network }: Ground, from: Process): SendLogoutToken {
  const send = async (url: URL, jwt: string): Promise<SendResult> => {
    const handle = async ({ handlers }: { handlers: ReadonlyMap<string, Handler> }) =>
      handlers.get('logout')?.({ url: url.href, jwt } as never, from.name);
    try {
      const status = (await network.ask({
        from,
        to: 'receivers',
        what: 'a logout token',
        timeoutMs: 5_000,
        idempotent: true,
        handle,
      })) as number;
      return { kind: 'answered', status, retryAfter: null };
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'unreachable', reason: error.code };
      throw error;
    }
  };
  return { send, check: (url: string) => new URL(url) } as unknown as SendLogoutToken;
}
