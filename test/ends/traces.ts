import type { ServiceName } from '#libs/contracts';
import { type SpawnedServices, until } from '#libs/testing';
import type { World } from '../world.js';

export interface Cause {
  readonly reason: string;
  readonly initiated_by: string;
  readonly actor: string;
}

export type Line = Record<string, unknown> & { level: number; msg: string };
export const INFO = 30;
export const WARN = 40;

/** Where an end leaves its reason: audits, events, log lines. */
export class Traces {
  constructor(private readonly world: World<SpawnedServices>) {}

  audit(service: 'auth' | 'session' | 'token', action: string, target: string): Promise<Record<string, unknown>[]> {
    return this.world.stand.database.query(
      `SELECT actor, reason, details, request_id FROM ${service}.audit WHERE action = $1 AND target = $2 ORDER BY id`,
      [action, target],
    );
  }

  /** The bodies of the events of one key, oldest first. */
  async events(service: 'auth' | 'session' | 'token', name: string, key: string): Promise<unknown[]> {
    const sql = `SELECT body FROM ${service}.outbox WHERE name = $1 AND key = $2 ORDER BY row_id`;
    return (await this.world.stand.database.query(sql, [name, key])).map(({ body }) => body);
  }

  /** The line that has all of these fields, as soon as it is there. */
  line(service: ServiceName, wanted: Partial<Line>): Promise<Line> {
    const fits = (line: Line) => Object.entries(wanted).every(([field, value]) => line[field] === value);
    return until(() => this.lines(service).find(fits), { what: `${service} logs ${JSON.stringify(wanted)}` });
  }

  /** A session's end with one grant hanging from it, in all places: under one `end_id`, for one reason, by the same. */
  async ofEnd(sid: string, sub: string, { reason, initiated_by, actor }: Cause): Promise<void> {
    const event = await until(async () => (await this.events('session', 'SessionEnded', sid))[0] as Record<string, unknown> | undefined);
    const { end_id } = event;
    expect(event).toEqual({ sid, sub, reason, initiated_by, actor, end_id: expect.any(String), ended_at: expect.any(Number) });
    const [audited] = await this.audit('session', 'session.ended', sid);
    expect(audited).toMatchObject({ actor, reason, details: { end_id, sub } });
    const ended = await this.line('session', { msg: 'session ended', sid });
    expect(ended).toMatchObject({ level: INFO, end_id, reason, initiated_by, actor });
    expect(ended.request_id ?? null).toBe(audited?.request_id);
    const cascade = await this.line('token', { msg: 'grants of an ended session revoked', end_id });
    expect(cascade).toMatchObject({ level: INFO, sid, reason, actor, count: expect.any(Number) });
    // Of a subject's change the two events race for the grant; whichever comes first says the same reason and the same actor.
    const retired = [...(await this.audit('token', 'grants.revoked', sid)), ...(await this.audit('token', 'grants.revoked', sub))];
    expect(retired.at(-1)).toMatchObject({ actor, reason, details: { count: 1 } });
    if (cascade.count === 1) expect(retired.at(-1)).toMatchObject({ details: { end_id } });
  }

  private lines(service: ServiceName): Line[] {
    const written = this.world.services.log(service).split('\n');
    return written.filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as Line);
  }
}
