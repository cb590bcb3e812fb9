/** How many logout tokens may be under way to one receiving host, and in all, from this process. */
export const PER_HOST = 8;
export const IN_ALL = 400;

/**
 * Keeps a slow receiver from delaying another: its own slots fill up, everybody else's stay free. Deliveries are claimed by client, and a
 * client's host is known only once its record was read, so both are counted; clients that share a host share its slots.
 */
export class HostSlots {
  private readonly clients = new Map<string, number>();
  private readonly hosts = new Map<string, number>();
  private readonly hostOf = new Map<string, string>();
  private total = 0;

  /** Slots that are not free at present, for the claim: clients missing here have PER_HOST. */
  busy(): { client_id: string; free: number }[] {
    const known = new Set([...this.clients.keys(), ...this.hostOf.keys()]);
    return [...known].map((client_id) => ({ client_id, free: this.free(client_id) })).filter(({ free }) => free < PER_HOST);
  }

  get left(): number {
    return Math.max(0, IN_ALL - this.total);
  }

  enter(clientId: string): void {
    this.total++;
    this.clients.set(clientId, (this.clients.get(clientId) ?? 0) + 1);
  }

  leave(clientId: string): void {
    this.total--;
    decrement(this.clients, clientId);
    if (this.hostOf.size > 10_000) this.hostOf.clear();
  }

  /** false: the host has all it may get; the delivery goes back and is claimed again when there is room. */
  enterHost(clientId: string, host: string): boolean {
    this.hostOf.set(clientId, host);
    const used = this.hosts.get(host) ?? 0;
    if (used >= PER_HOST) return false;
    this.hosts.set(host, used + 1);
    return true;
  }

  leaveHost(host: string): void {
    decrement(this.hosts, host);
  }

  private free(clientId: string): number {
    const host = this.hostOf.get(clientId);
    const usedByHost = host === undefined ? 0 : (this.hosts.get(host) ?? 0);
    return Math.max(0, PER_HOST - Math.max(this.clients.get(clientId) ?? 0, usedByHost));
  }
}

function decrement(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
