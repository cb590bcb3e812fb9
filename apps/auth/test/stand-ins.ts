import { randomBytes } from 'node:crypto';
import { Controller, Module } from '@nestjs/common';
import { loadConfig } from '#libs/config';
import { type CodeContents, type SessionView, sessionApi, tokenApi } from '#libs/contracts';
import { createHttpApp, type HttpApp, Internal, InternalBody, type InternalRequest } from '#libs/http';
import { generateSigningKey, type SigningKey, signJwt } from '#libs/keys';
import { unavailable } from '#libs/protocol';
import type { ServiceWorld } from '#libs/testing';

/**
 * The session and the token service as auth sees them, over real HTTP with real service tokens: specs of auth look at what it asks of
 * them, and make them fail. The stories in test/ run the real ones.
 */
export class StandIns {
  readonly sessions = new Map<string, { view: SessionView; cookie: string; alive: boolean }>();
  readonly codes: CodeContents[] = [];
  readonly ended: string[] = [];
  /** Why and by whom, of each of these. */
  readonly causes: unknown[] = [];
  readonly starts: unknown[] = [];
  down = false;
  now = 1_800_000_000_000;
  key: SigningKey;
  private readonly apps: HttpApp[] = [];

  static async start(world: ServiceWorld): Promise<StandIns> {
    const all = new StandIns();
    all.key = await generateSigningKey('ES256');
    for (const service of ['session', 'token'] as const) {
      const controller = service === 'session' ? sessionController(all) : tokenController(all);
      @Module({ controllers: [controller] })
      class Root {}
      const app = await createHttpApp(Root, { config: loadConfig(service, world.environment(service)), service });
      await app.listen();
      all.apps.push(app);
    }
    return all;
  }

  /** An ID token of ours, or nearly. */
  idToken(claims: Record<string, unknown>, typ = 'JWT', key = this.key): string {
    return signJwt(key, { typ }, { iat: 1, exp: 2, ...claims });
  }

  forget(): void {
    this.sessions.clear();
    this.codes.length = 0;
    this.ended.length = 0;
    this.causes.length = 0;
    this.starts.length = 0;
    this.down = false;
  }

  refuseWhenDown(): void {
    if (this.down) throw unavailable('down for this test');
  }

  byCookie(cookie: string) {
    return [...this.sessions.values()].find((session) => session.cookie === cookie && session.alive);
  }

  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close()));
  }
}

function sessionController(all: StandIns) {
  @Controller()
  class SessionStandIn {
    @Internal(sessionApi.start)
    start(@InternalBody() body: InternalRequest<typeof sessionApi.start>) {
      all.refuseWhenDown();
      all.starts.push(body);
      const present = body.cookie === null ? undefined : all.byCookie(body.cookie);
      const same = present?.view.sub === body.sub ? present : undefined;
      if (present && !same) present.alive = false;
      const sid = same?.view.sid ?? randomBytes(16).toString('base64url');
      const cookie = `lanyard_sc_${randomBytes(32).toString('base64url')}`;
      const times = {
        auth_time: all.now,
        started_at: all.now,
        last_seen_at: all.now,
        idle_deadline: all.now + 1e6,
        absolute_deadline: all.now + 1e7,
      };
      const view: SessionView = {
        sid,
        sub: body.sub,
        subject_gen: body.subject_gen,
        amr: body.amr,
        acr: null,
        remember: body.remember,
        ip: body.ip,
        user_agent: body.user_agent,
        ...times,
      };
      all.sessions.set(sid, { view, cookie, alive: true });
      return {
        session: view,
        cookie,
        cookie_max_age: body.remember ? 1_209_600 : null,
        ended_sid: present && !same ? present.view.sid : null,
        db_time: all.now,
      };
    }

    @Internal(sessionApi.byCookie)
    byCookie(@InternalBody() { cookie }: InternalRequest<typeof sessionApi.byCookie>) {
      all.refuseWhenDown();
      return truthOf(all, all.byCookie(cookie));
    }

    @Internal(sessionApi.truth)
    truth(@InternalBody() { sid }: InternalRequest<typeof sessionApi.truth>) {
      all.refuseWhenDown();
      const session = all.sessions.get(sid);
      return truthOf(all, session?.alive ? session : undefined);
    }

    @Internal(sessionApi.end)
    end(@InternalBody() { sid, ...cause }: InternalRequest<typeof sessionApi.end>) {
      all.refuseWhenDown();
      const session = all.sessions.get(sid);
      const ended = session?.alive ?? false;
      if (session) session.alive = false;
      if (ended) all.ended.push(sid);
      if (ended) all.causes.push(cause);
      return { ended, ended_at: all.now, end_id: null, confirmed: true };
    }

    @Internal(sessionApi.registerView)
    registerView() {
      return { lease_ms: 2_000 };
    }

    @Internal(sessionApi.unregisterView)
    unregisterView() {
      return {};
    }
  }
  return SessionStandIn;
}

function truthOf(all: StandIns, session: { view: SessionView } | undefined) {
  return session ? { alive: true, session: session.view, touch_due: false, db_time: all.now } : { alive: false, db_time: all.now };
}

function tokenController(all: StandIns) {
  @Controller()
  class TokenStandIn {
    @Internal(tokenApi.issueCode)
    issueCode(@InternalBody() contents: CodeContents) {
      all.refuseWhenDown();
      all.codes.push(contents);
      return { code: `lanyard_ac_${all.codes.length}` };
    }

    @Internal(tokenApi.publicKeys)
    publicKeys() {
      all.refuseWhenDown();
      return { keys: [all.key.publicJwk] };
    }
  }
  return TokenStandIn;
}
