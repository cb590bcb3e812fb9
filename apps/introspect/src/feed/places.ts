/**
 * So many places, shared by clients nobody has counted beforehand. Each may have up to three times what it leaves free: who is alone gets three
 * quarters, the next one three quarters of the rest, and so on. So no client, by mistake or not, takes the last place from another, and
 * one that is alone with hundreds of processes needs no setting.
 */
export class Places {
  private taken = 0;
  private readonly by = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Null: there is one for this client. `full`: for nobody. `share`: this client has its share. */
  refusal(clientId: string): 'full' | 'share' | null {
    const free = this.limit - this.taken;
    if (free <= 0) return 'full';
    return (this.by.get(clientId) ?? 0) < 3 * free ? null : 'share';
  }

  take(clientId: string): void {
    this.taken++;
    this.by.set(clientId, (this.by.get(clientId) ?? 0) + 1);
  }

  leave(clientId: string): void {
    const left = (this.by.get(clientId) ?? 0) - 1;
    this.taken--;
    if (left > 0) this.by.set(clientId, left);
    else this.by.delete(clientId);
  }
}
