import 'reflect-metadata';
import { NO_CHECKPOINTS } from '#libs/checkpoints';
import type { RevocationEntry } from '#libs/contracts';
import { Outbox } from '#libs/event-log';
import type { InternalClient } from '#libs/http';
import type { EndConfirmer } from '#libs/revocation-host';
import { AfterChange } from '../src/changes/after-change.js';
import { AfterSubjectChange } from '../src/changes/after-subject-change.js';
import { SetClientDisabled } from '../src/clients/set-client-disabled.js';
import { ConsentStore } from '../src/consents/consents.store.js';
import { RevokeConsent } from '../src/consents/revoke-consent.js';
import { SetSubjectDisabled } from '../src/users/set-subject-disabled.js';
import { UserStore } from '../src/users/users.store.js';
import { QUIET, quietRelay, RecordsWorld } from './records-world.js';

let world: RecordsWorld;
let told: RevocationEntry[][];
let confirmed: boolean;
let after: AfterChange;
let afterSubject: AfterSubjectChange;
let sessionServiceDown: boolean;
let toldSessions: unknown[];
beforeEach(async () => {
  world = await RecordsWorld.create();
  told = [];
  confirmed = true;
  const confirmer = {
    confirm: async (entries: RevocationEntry[]) => {
      told.push(entries);
      return confirmed;
    },
  } as unknown as EndConfirmer;
  after = new AfterChange(quietRelay, confirmer, NO_CHECKPOINTS);
  sessionServiceDown = false;
  toldSessions = [];
  const sessions = {
    call: async (_: unknown, changed: unknown) => {
      if (sessionServiceDown) throw new Error('session service away');
      toldSessions.push(changed);
      return { ended: 2 };
    },
  } as unknown as InternalClient;
  afterSubject = new AfterSubjectChange(after, sessions, QUIET);
  await world.import({
    clients: [{ client_id: 'shop', client_secret: 'x', scope: 'openid profile' }],
    users: [{ username: 'jane', password: 'correct horse' }],
  });
  await world.published();
});
afterEach(() => world.dispose());

const jane = async () => (await new UserStore(world.db).findByUsername('jane'))?.sub ?? '';
const audited = async () =>
  (await world.db.query<{ action: string }>("SELECT action FROM audit WHERE actor = 'operator' ORDER BY id")).rows.map(
    ({ action }) => action,
  );

describe('an operator’s switch', () => {
  test('disabling and enabling a subject each raise the generation: what was killed stays dead', async () => {
    const change = new SetSubjectDisabled(world.db, new Outbox('auth'), afterSubject);
    const sub = await jane();
    expect(await change.set({ sub, disabled: true, actor: 'operator' })).toEqual({ gen: 1, ended: 2, confirmed: true });
    expect(await change.set({ sub, disabled: false, actor: 'operator' })).toEqual({ gen: 2, ended: 2, confirmed: true });
    expect(toldSessions).toEqual([
      { sub, gen: 1, change: 'disabled', initiated_by: 'admin', actor: 'operator' },
      { sub, gen: 2, change: 'enabled', initiated_by: 'admin', actor: 'operator' },
    ]);
    expect(await world.published()).toEqual([
      'SubjectChanged disabled gen 1',
      `subject ${sub} gen 1`,
      'SubjectChanged enabled gen 2',
      `subject ${sub} gen 2`,
    ]);
    expect(told.flat()).toEqual([expect.objectContaining({ kind: 'subject', id: sub, gen: 1 }), expect.objectContaining({ gen: 2 })]);
    expect(await audited()).toEqual(['subject.disabled', 'subject.enabled']);
  });

  test('the same for a client', async () => {
    const change = new SetClientDisabled(world.db, new Outbox('auth'), after, QUIET);
    expect(await change.set({ clientId: 'shop', disabled: true, actor: 'operator' })).toEqual({ gen: 1, confirmed: true });
    expect(await world.published()).toEqual(['ClientChanged disabled gen 1', 'client shop gen 1']);
    expect(await audited()).toEqual(['client.disabled']);
  });

  test('asking again writes nothing, and confirms anew', async () => {
    const change = new SetClientDisabled(world.db, new Outbox('auth'), after, QUIET);
    confirmed = false;
    expect(await change.set({ clientId: 'shop', disabled: true, actor: 'operator' })).toEqual({ gen: 1, confirmed: false });
    const before = await world.fingerprint();
    confirmed = true;
    expect(await change.set({ clientId: 'shop', disabled: true, actor: 'operator' })).toEqual({ gen: 1, confirmed: true });
    expect(await world.fingerprint()).toBe(before);
  });

  test('two at once: one change, one event', async () => {
    const change = new SetSubjectDisabled(world.db, new Outbox('auth'), afterSubject);
    const sub = await jane();
    const outcomes = await Promise.all([1, 2, 3].map(() => change.set({ sub, disabled: true, actor: 'operator' })));
    expect(outcomes).toEqual([1, 2, 3].map(() => ({ gen: 1, ended: 2, confirmed: true })));
    expect(await world.published()).toHaveLength(2);
  });

  test('with the session service away it is committed, and not said to be confirmed', async () => {
    sessionServiceDown = true;
    const change = new SetSubjectDisabled(world.db, new Outbox('auth'), afterSubject);
    expect(await change.set({ sub: await jane(), disabled: true, actor: 'operator' })).toEqual({ gen: 1, ended: null, confirmed: false });
    expect(await world.published()).toHaveLength(2);
  });

  test('who is unknown is not found', async () => {
    await expect(
      new SetSubjectDisabled(world.db, new Outbox('auth'), afterSubject).set({ sub: 'x', disabled: true, actor: 'o' }),
    ).rejects.toMatchObject({ status: 404 });
    await expect(
      new SetClientDisabled(world.db, new Outbox('auth'), after, QUIET).set({ clientId: 'x', disabled: true, actor: 'o' }),
    ).rejects.toMatchObject({ status: 404 });
  });
});

describe('consents', () => {
  let revokedGrants: string[];
  let asked: unknown[];
  let tokenServiceDown: boolean;
  let consents: ConsentStore;
  let revoke: RevokeConsent;
  beforeEach(() => {
    revokedGrants = [];
    asked = [];
    tokenServiceDown = false;
    const internal = {
      call: async (_: unknown, { by, ...cause }: { by: { consent_id: string } }) => {
        if (tokenServiceDown) throw new Error('token service away');
        revokedGrants.push(by.consent_id);
        asked.push(cause);
        return { revoked: 1, confirmed };
      },
    } as unknown as InternalClient;
    consents = new ConsentStore(world.db);
    revoke = new RevokeConsent(world.db, internal, QUIET, NO_CHECKPOINTS);
  });
  const agree = (scopes: string[], declined: string[] = []) =>
    world.db.transaction((tx) => consents.grant(tx, { sub: 'jane', client_id: 'shop', scopes, declined }));
  const withdraw = () => revoke.revoke({ sub: 'jane', clientId: 'shop', actor: 'operator' });

  test('what is agreed to adds up under one id; what was declined is forgotten once agreed to', async () => {
    const first = await agree(['openid', 'profile'], ['photos:read', 'profile']);
    expect(first).toMatchObject({ scopes: ['openid', 'profile'], declined: ['photos:read'] });
    const second = await agree(['photos:read', 'offline_access']);
    expect(second).toEqual({ ...first, scopes: ['offline_access', 'openid', 'photos:read', 'profile'], declined: [] });
    expect(await consents.find('jane', 'shop')).toEqual(second);
    expect(await consents.find('jane', 'book')).toBeNull();
  });

  test('two tabs that agree at once share one consent', async () => {
    const given = await Promise.all(['a', 'b', 'c', 'd'].map((scope) => agree([scope])));
    expect(new Set(given.map(({ consent_id }) => consent_id)).size).toBe(1);
    expect((await consents.find('jane', 'shop'))?.scopes).toEqual(['a', 'b', 'c', 'd']);
  });

  test('revoked is said after the token service committed, and a consent given again has a new id', async () => {
    const { consent_id } = await agree(['openid']);
    expect(await withdraw()).toEqual({ revoked: true, confirmed: true });
    expect(revokedGrants).toEqual([consent_id]);
    expect(await consents.find('jane', 'shop')).toBeNull();
    expect((await agree(['openid'])).consent_id).not.toBe(consent_id);
    expect(await audited()).toEqual(['consent.revoked', 'consent.grants_revoked']);
  });

  test('with the token service away nothing is said to be revoked; no new code hangs from it, and asking again finishes it', async () => {
    const { consent_id } = await agree(['openid']);
    tokenServiceDown = true;
    await expect(withdraw()).rejects.toThrow('away');
    expect(await consents.find('jane', 'shop')).toBeNull();
    tokenServiceDown = false;
    confirmed = false;
    expect(await withdraw()).toEqual({ revoked: true, confirmed: false });
    expect(revokedGrants).toEqual([consent_id]);
    expect(await withdraw()).toEqual({ revoked: false, confirmed: false });
  });

  test('what a crash left unfinished is resumed', async () => {
    const { consent_id } = await agree(['openid']);
    tokenServiceDown = true;
    await withdraw().catch(() => undefined);
    tokenServiceDown = false;
    expect(await revoke.resume()).toBe(1);
    expect(await revoke.resume()).toBe(0);
    expect(revokedGrants).toEqual([consent_id]);
  });

  test.each([
    ['an operator', 'client:ops', 'admin'],
    ['the person', 'jane', 'user'],
  ])('what %s began is theirs to the end, whoever finishes it', async (_, actor, reason) => {
    const finishers = [() => revoke.resume(), () => revoke.revoke({ sub: 'jane', clientId: 'shop', actor: 'client:another' })];
    for (const finish of finishers) {
      const { consent_id } = await agree(['openid']);
      tokenServiceDown = true;
      await expect(revoke.revoke({ sub: 'jane', clientId: 'shop', actor })).rejects.toThrow('away');
      tokenServiceDown = false;
      await finish();
      const { rows } = await world.db.query("SELECT actor, action, reason FROM audit WHERE target = $1 AND action <> 'consent.granted'", [
        consent_id,
      ]);
      expect(rows).toEqual([
        { actor, action: 'consent.revoked', reason },
        { actor, action: 'consent.grants_revoked', reason },
      ]);
      expect(asked.pop()).toEqual({ actor, reason: 'consent_revoked' });
    }
  });
});
