import { CheckpointGate, LogoutReceiver, until } from '../src/index.js';

describe('checkpoint gate', () => {
  it('holds what arrives at a held place, tells the test, and lets it go on release', async () => {
    const gate = new CheckpointGate();
    const held = gate.hold('token.refresh.after-truth');
    const passed: string[] = [];
    const request = gate.reach('token.refresh.after-truth').then(() => passed.push('held'));
    await held.reached;
    await gate.reach('token.refresh.elsewhere');
    expect([passed, held.waiting]).toEqual([[], 1]);
    held.release();
    await request;
    await gate.reach('token.refresh.after-truth');
    expect([passed, gate.visits('token.refresh.after-truth')]).toEqual([['held'], 2]);
  });

  it('fails once where it was told to', async () => {
    const gate = new CheckpointGate();
    gate.failOnce('session.end.before-hints', new Error('power cut'));
    await expect(gate.reach('session.end.before-hints')).rejects.toThrow('power cut');
    await gate.reach('session.end.before-hints');
  });
});

describe('until', () => {
  it('answers with the first truthy value, however often it threw before', async () => {
    let calls = 0;
    const value = await until(() => {
      calls += 1;
      if (calls < 3) throw new Error('not yet');
      return calls;
    });
    expect(value).toBe(3);
  });

  it('names what never came, with the last error as its cause', async () => {
    const failing = until(() => Promise.reject(new Error('refused')), { timeoutMs: 30, what: 'the door is open' });
    await expect(failing).rejects.toMatchObject({ message: 'after 30 ms still not: the door is open', cause: { message: 'refused' } });
  });
});

describe('logout receiver', () => {
  const post = (receiver: LogoutReceiver, token: string) =>
    fetch(receiver.url, { method: 'POST', body: new URLSearchParams({ logout_token: token }) }).then((response) => response.status);

  it('collects logout tokens and answers as it was told: a status, a cut connection, nothing', async () => {
    const receiver = await LogoutReceiver.start();
    receiver.answerNext({ status: 503 }, 'drop', 'hang');
    expect(await post(receiver, 'one')).toBe(503);
    await expect(post(receiver, 'two')).rejects.toThrow('fetch failed');
    const hanging = post(receiver, 'three');
    await receiver.received(3);
    receiver.release();
    expect(await hanging).toBe(200);
    expect(await post(receiver, 'four')).toBe(200);
    expect(receiver.deliveries.map(({ logoutToken }) => logoutToken)).toEqual(['one', 'two', 'three', 'four']);
    await receiver.close();
  });
});
