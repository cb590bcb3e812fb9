import type { Counter, Ephemeral, ExpiringObjects, Once } from '#libs/ephemeral';

/** Drivers with one fault each, and the case that must notice it: a suite that lets one pass is not worth running. */
interface BrokenDriver {
  readonly fault: string;
  readonly noticedBy: string;
  make(real: Ephemeral): Ephemeral;
}

const withCounter = (real: Ephemeral, change: (counter: Counter) => Partial<Counter>): Ephemeral => ({
  ...bound(real),
  counter: (namespace) => {
    const counter = real.counter(namespace);
    return { hit: counter.hit.bind(counter), peek: counter.peek.bind(counter), reset: counter.reset.bind(counter), ...change(counter) };
  },
});
const withOnce = (real: Ephemeral, change: (once: Once) => Partial<Once>): Ephemeral => ({
  ...bound(real),
  once: (namespace) => {
    const once = real.once(namespace);
    return { mark: once.mark.bind(once), bornAt: once.bornAt.bind(once), ...change(once) };
  },
});
const withObjects = (real: Ephemeral, change: (objects: ExpiringObjects) => Partial<ExpiringObjects>): Ephemeral => ({
  ...bound(real),
  objects: (namespace) => {
    const objects = real.objects(namespace);
    const whole = {
      put: objects.put.bind(objects),
      get: objects.get.bind(objects),
      take: objects.take.bind(objects),
      update: objects.update.bind(objects),
    };
    return { ...whole, ...change(objects) };
  },
});
/** A class's methods are lost in a spread. */
const bound = (real: Ephemeral): Pick<Ephemeral, keyof Ephemeral> => ({
  counter: (namespace) => real.counter(namespace),
  once: (namespace) => real.once(namespace),
  objects: (namespace) => real.objects(namespace),
  sweep: () => real.sweep(),
});

const UNLIMITED = 1_000_000;

export const BROKEN_DRIVERS: readonly BrokenDriver[] = [
  {
    fault: 'counts after looking',
    noticedBy: 'counter: of 200 parallel hits exactly the limit is allowed',
    make: (real) =>
      withCounter(real, (counter) => ({
        async hit(key, limit) {
          const seen = await counter.peek(key, limit);
          if (seen.retryAfterMs !== null) return seen;
          return { ...(await counter.hit(key, { ...limit, limit: UNLIMITED })), retryAfterMs: null };
        },
      })),
  },
  {
    fault: 'starts the window again with every hit',
    noticedBy: 'counter: a refused hit says when the window ends and does not move it',
    make: (real) =>
      withCounter(real, (counter) => ({
        async hit(key, limit) {
          const { count } = await counter.peek(key, limit);
          await counter.reset(key);
          for (let i = 0; i < Math.min(count, limit.limit); i++) await counter.hit(key, limit);
          return counter.hit(key, limit);
        },
      })),
  },
  {
    fault: 'reserves when asked to look',
    noticedBy: 'counter: peek reserves nothing and tells what the next hit would meet',
    make: (real) => withCounter(real, (counter) => ({ peek: (key, limit) => counter.hit(key, limit) })),
  },
  {
    fault: 'has one key space for every kind of mark',
    noticedBy: 'once: one key in two namespaces is two marks',
    make: (real) => ({ ...bound(real), once: () => real.once('everything') }),
  },
  {
    fault: 'was born when its process started',
    noticedBy: 'once: the birth stays, and a store that lost its marks is born again, later',
    make: (real) => {
      const started = real.once('case').bornAt();
      return withOnce(real, () => ({ bornAt: () => started }));
    },
  },
  {
    fault: 'reads, then removes',
    noticedBy: 'object: of 200 parallel takes exactly one gets it',
    make: (real) =>
      withObjects(real, (objects) => ({
        async take(key) {
          const found = await objects.get(key);
          await objects.take(key);
          return found;
        },
      })),
  },
  {
    fault: 'writes over whatever version is there',
    noticedBy: 'object: of 50 parallel updates of one version exactly one is written, and the deadline stays',
    make: (real) =>
      withObjects(real, (objects) => ({
        async update(key, _version, value) {
          const found = await objects.get(key);
          return found && ((await objects.update(key, found.version, value)) ?? found);
        },
      })),
  },
  {
    fault: 'starts versions again at a replacement',
    noticedBy: 'object: a replacement fails the update decided on the old object',
    make: (real) =>
      withObjects(real, (objects) => ({
        async put(key, value, ttlMs) {
          await objects.take(key);
          return objects.put(key, value, ttlMs);
        },
      })),
  },
];
