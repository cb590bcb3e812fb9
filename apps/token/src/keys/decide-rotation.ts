import type { RotationPolicy } from './rotation-policy.js';

export const KEY_STATES = ['pending', 'active', 'retiring', 'retired'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** A key's place in its life. Times: ms, database clock. */
export interface KeyLife {
  readonly kid: string;
  readonly state: KeyState;
  /** Not before this does it become active. */
  readonly activatesAt: number;
  /** null: not retiring, or for ever. */
  readonly removeAfter: number | null;
}

export type RotationStep =
  | { readonly do: 'create'; readonly state: 'pending' | 'active'; readonly activatesAt: number }
  | { readonly do: 'activate'; readonly kid: string }
  | { readonly do: 'replace'; readonly kid: string; readonly removeAfter: number | null }
  | { readonly do: 'retire'; readonly kid: string };

/**
 * What one line of keys needs at this moment; nothing, most of the time. Decides only: the caller holds the line's lock and
 * writes. After a long stop nothing is skipped: the over-age key goes on until its successor has been pending long enough.
 */
export function decideRotation(keys: readonly KeyLife[], now: number, policy: RotationPolicy): RotationStep[] {
  const steps: RotationStep[] = [];
  for (const key of keys) {
    if (key.state === 'retiring' && key.removeAfter !== null && key.removeAfter <= now) steps.push({ do: 'retire', kid: key.kid });
  }
  const active = keys.find((key) => key.state === 'active');
  const pending = keys.find((key) => key.state === 'pending');
  if (!active) {
    // the first key of a line: there is nothing it could have been pending behind
    steps.push(pending ? { do: 'activate', kid: pending.kid } : { do: 'create', state: 'active', activatesAt: now });
  } else if (!pending) {
    const due = active.activatesAt + policy.activeMs;
    if (now >= due - policy.pendingMs) steps.push({ do: 'create', state: 'pending', activatesAt: Math.max(due, now + policy.pendingMs) });
  } else if (now >= pending.activatesAt) {
    const removeAfter = policy.retiringMs === null ? null : now + policy.retiringMs;
    steps.push({ do: 'replace', kid: active.kid, removeAfter }, { do: 'activate', kid: pending.kid });
  }
  return steps;
}
