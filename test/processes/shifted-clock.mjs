/** Preloaded into one service: its wall clock is off by LANYARD_TEST_CLOCK_MS, its monotonic clock is not (libfaketime's DONT_FAKE_MONOTONIC). */
const shift = Number(process.env.LANYARD_TEST_CLOCK_MS);
const Machine = Date;
const now = () => Machine.now() + shift;

globalThis.Date = new Proxy(Machine, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as),
  apply: () => new Machine(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
