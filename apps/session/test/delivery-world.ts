import { authApi, type InternalEndpoint, tokenApi } from '#libs/contracts';
import { InternalCallError, type InternalClient, Log } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { LogoutReceiver } from '#libs/testing';
import type { Resolve } from '../src/backchannel/checked-lookup.js';
import { claimDeliveries } from '../src/backchannel/claim-deliveries.js';
import { CutGrants } from '../src/backchannel/cut-grants.js';
import { Deliver } from '../src/backchannel/deliver.js';
import { DeliveryLoop } from '../src/backchannel/delivery-loop.js';
import { HostSlots } from '../src/backchannel/host-slots.js';
import { ReceiverDirectory } from '../src/backchannel/receiver-directory.js';
import { ReceiverPolicy } from '../src/backchannel/receiver-policy.js';
import { SendLogoutToken } from '../src/backchannel/send-logout-token.js';
import { Settlements } from '../src/backchannel/settlements.js';
import { SignLogoutToken } from '../src/backchannel/sign-logout-token.js';
import type { SessionWorld } from './session-world.js';

export interface DeliveryRow extends Record<string, unknown> {
  client_id: string;
  state: string;
  attempts: number;
  reason: string | null;
  due_in: number;
}

/** Everything that delivers, with real sockets to a real receiver; auth and token answer from memory, or not at all. */
export class DeliveryWorld {
  readonly metadata = new Map<string, Record<string, unknown>>();
  readonly signed: { alg: unknown; claims: Record<string, unknown> }[] = [];
  authError: InternalCallError | null = null;
  tokenError: InternalCallError | null = null;
  /** What the token service was asked to revoke, and for whom. */
  readonly revoked: unknown[] = [];
  readonly slots = new HostSlots();
  readonly cuts: CutGrants;
  readonly deliver: Deliver;
  readonly loop: DeliveryLoop;
  private readonly sender: SendLogoutToken;

  private constructor(
    readonly world: SessionWorld,
    readonly receiver: LogoutReceiver,
    policy: ReceiverPolicy,
    network: { resolve?: Resolve; timeoutMs?: number },
  ) {
    const log = Log.open({ level: 'silent', service: 'session' });
    const internal = {
      call: (endpoint: InternalEndpoint, request: unknown) => this.answer(endpoint, request),
    } as unknown as InternalClient;
    this.sender = new SendLogoutToken(policy, network);
    const settlements = new Settlements(world.db, log, new Metrics());
    const signer = new SignLogoutToken(internal);
    this.deliver = new Deliver(new ReceiverDirectory(internal), signer, this.sender, settlements, this.slots, world.gate);
    this.cuts = new CutGrants(world.db, internal, settlements);
    this.loop = new DeliveryLoop(world.db, this.cuts, this.deliver, this.slots, log);
  }

  static async open(
    world: SessionWorld,
    options: { issuer?: string; allowPrivate?: boolean | string[]; resolve?: Resolve; timeoutMs?: number } = {},
  ): Promise<DeliveryWorld> {
    const { issuer = 'http://localhost:4000', allowPrivate = true, ...network } = options;
    const receiver = await LogoutReceiver.start();
    return new DeliveryWorld(world, receiver, new ReceiverPolicy({ issuer, allowPrivate }), network);
  }

  async close(): Promise<void> {
    this.world.gate.releaseAll();
    this.receiver.release();
    await this.loop.stop();
    await this.sender.onApplicationShutdown();
    await this.receiver.close();
  }

  register(clientId: string, metadata: Record<string, unknown> = { backchannel_logout_uri: this.receiver.url }): void {
    this.metadata.set(clientId, metadata);
  }

  /** A session that has ended and owes these clients a notice. */
  async owed(...clients: string[]): Promise<string> {
    const { session } = await this.world.signIn();
    for (const client of clients) await this.world.truth.withParticipant(session.sid, client);
    await this.world.end(session.sid);
    return session.sid;
  }

  /** One pass over everything that is due. */
  async pass(): Promise<number> {
    const claimed = await this.claim();
    await Promise.all(claimed.map(async (delivery) => (await this.cuts.before(delivery)) && this.deliver.deliver(delivery)));
    return claimed.length;
  }

  claim() {
    return claimDeliveries(this.world.db, { limit: 1_000, busy: [] });
  }

  async row(sid: string, clientId = 'shop'): Promise<DeliveryRow> {
    const [row] = await this.world.rows<DeliveryRow>(
      `SELECT client_id, state, attempts, reason, (extract(epoch FROM due_at - lanyard.now()))::float8 AS due_in FROM session.delivery
       WHERE sid = $1 AND client_id = $2`,
      [sid, clientId],
    );
    if (!row) throw new Error(`no delivery of ${sid} to ${clientId}`);
    return row;
  }

  attempts(sid: string): Promise<Record<string, unknown>[]> {
    return this.world.rows(
      `SELECT a.outcome, a.http_status, a.reason, a.jti FROM session.delivery_attempt a JOIN session.delivery d USING (delivery_id)
       WHERE d.sid = $1 ORDER BY a.at`,
      [sid],
    );
  }

  private answer(endpoint: InternalEndpoint, request: unknown): Promise<unknown> {
    if (endpoint === authApi.client) {
      if (this.authError) return Promise.reject(this.authError);
      const { client_id } = request as { client_id: string };
      const metadata = this.metadata.get(client_id);
      return Promise.resolve({ client: metadata ? { client_id, gen: 1, disabled: false, secrets: [], metadata, scopes: [] } : null });
    }
    if (this.tokenError) return Promise.reject(this.tokenError);
    if (endpoint === tokenApi.revokeGrants) return Promise.resolve({ revoked: this.revoked.push(request), confirmed: true });
    if (endpoint !== tokenApi.sign) throw new Error(`unexpected call of ${endpoint.path}`);
    const { alg, claims } = request as { alg: unknown; claims: Record<string, unknown> };
    this.signed.push({ alg, claims });
    return Promise.resolve({ jwt: `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature` });
  }
}

export function claimsOf(logoutToken: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(logoutToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

export const AWAY = new InternalCallError('unavailable', '/internal/somewhere', 503, 'not_ready');
