import fc from 'fast-check';
import { TakeTurns } from '../src/liveness/take-turns.js';

describe('taking turns', () => {
  it('makes two calls of a thousand questions asked at once', async () => {
    const turns = new TakeTurns<number>();
    let calls = 0;
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => turns.ask('sid', async () => ++calls)));
    expect(calls).toBe(2);
    expect(new Set(answers)).toEqual(new Set([1, 2]));
  });

  it('goes on after a failed call, and fails only those who waited for that one', async () => {
    const turns = new TakeTurns<string>();
    const first = turns.ask('sid', () => Promise.reject(new Error('away')));
    const second = turns.ask('sid', async () => 'back');
    await expect(first).rejects.toThrow('away');
    await expect(second).resolves.toBe('back');
  });

  /** Promise 1: the truth that a request is answered with was asked after the request came. */
  it('never answers with a call that was sent before the question, in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 12 }), async (scheduler, keys) => {
        const turns = new TakeTurns<number>();
        let clock = 0;
        const judged: Promise<void>[] = [];
        const asks = scheduler.scheduleSequence(
          keys.map((key, index) => async () => {
            const asked = ++clock;
            const answer = turns.ask(key, () => {
              const sent = ++clock;
              return scheduler.schedule(Promise.resolve(sent), `answer ${index}`);
            });
            judged.push(answer.then((sent) => expect(sent).toBeGreaterThan(asked)));
          }),
        );
        await scheduler.waitAll();
        await asks.task;
        await scheduler.waitAll();
        await Promise.all(judged);
        expect(judged).toHaveLength(keys.length);
      }),
    );
  });
});
