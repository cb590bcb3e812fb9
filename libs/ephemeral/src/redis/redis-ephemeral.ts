import type { Pepper } from '#libs/database';
import type { Counter } from '../counter.js';
import type { Ephemeral } from '../ephemeral.js';
import type { ExpiringObjects } from '../expiring-objects.js';
import { type HashKey, hashedKey } from '../hashed-key.js';
import type { Once } from '../once.js';
import { RedisCounter } from './redis-counter.js';
import { RedisObjects } from './redis-objects.js';
import { RedisOnce } from './redis-once.js';
import type { RedisStore } from './redis-store.js';

/** Throws RedisAway when Redis does not answer within its time; what then happens is decided elsewhere (fallback/). */
export class RedisEphemeral implements Ephemeral {
  constructor(
    private readonly store: RedisStore,
    private readonly pepper: Pepper,
  ) {}

  counter(namespace: string): Counter {
    return new RedisCounter(this.store, this.key('counter', namespace));
  }

  once(namespace: string): Once {
    return new RedisOnce(this.store, this.key('mark', namespace));
  }

  objects(namespace: string): ExpiringObjects {
    return new RedisObjects(this.store, this.key('object', namespace));
  }

  /** Redis removes what has expired by itself. */
  async sweep(): Promise<number> {
    return 0;
  }

  private key(kind: string, namespace: string): HashKey {
    const hash = hashedKey(this.pepper, namespace);
    return (key) => `lanyard:${kind}:${hash(key)}`;
  }
}
