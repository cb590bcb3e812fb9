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
  private readonly listeners = new Set<(reason: ReadinessReason) => void>();

  set(name: string, ok: boolean, reason?: string): void {
    const before = this.states.get(name);
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

  get reasons(): ReadinessReason[] {
    return [...this.states.values()];
  }

  /** Called when a reason turns from ok to not ok or back. */
  onChange(listener: (reason: ReadinessReason) => void): void {
    this.listeners.add(listener);
  }
}
