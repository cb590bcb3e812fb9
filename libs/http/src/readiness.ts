export interface ReadinessReason {
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string | null;
}

/** The reason of a process that was told to end. */
export const LEAVING = 'serving';

/**
 * Why this process may or may not be sent traffic, as named reasons. Anyone may set a reason; ready = every one is ok.
 * A name that should hold the process back from the first moment is set to false before the listeners open.
 */
export class Readiness {
  private readonly states = new Map<string, ReadinessReason>();
  private readonly heldBackBy = new Set<string>();
  private readonly listeners = new Set<(reason: ReadinessReason) => void>();

  /** Until `name` has been ok once, the public is answered nothing: a service whose set-up has not passed does not serve, whoever asks it. */
  holdBack(name: string, reason: string): void {
    this.heldBackBy.add(name);
    this.set(name, false, reason);
  }

  set(name: string, ok: boolean, reason?: string): void {
    const before = this.states.get(name);
    if (ok) this.heldBackBy.delete(name);
    const next: ReadinessReason = { name, ok, reason: reason ?? null };
    this.states.set(name, next);
    if (before?.ok !== ok) for (const listener of this.listeners) listener(next);
  }

  get ready(): boolean {
    for (const state of this.states.values()) if (!state.ok) return false;
    return true;
  }

  /** Ready, or would be if it were not leaving: what reaches it until its listeners close is served. */
  get able(): boolean {
    for (const state of this.states.values()) if (!state.ok && state.name !== LEAVING) return false;
    return true;
  }

  /** Why the public is answered nothing yet; null: it is, for good. */
  get heldBack(): string | null {
    const [name] = this.heldBackBy;
    return name === undefined ? null : `${name}: ${this.states.get(name)?.reason}`;
  }

  get reasons(): ReadinessReason[] {
    return [...this.states.values()];
  }

  /** Called when a reason turns from ok to not ok or back. */
  onChange(listener: (reason: ReadinessReason) => void): void {
    this.listeners.add(listener);
  }
}
