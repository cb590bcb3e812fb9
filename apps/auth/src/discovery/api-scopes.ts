import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { isAdminScope } from '#libs/protocol';

const KEEP_MS = 10_000;

/**
 * The scopes that APIs declare, for a document anyone may fetch as often as they like: one read in ten seconds, however many ask,
 * and the last ones known while the database can't be reached. They grant nothing, so an old list harms nobody.
 */
@Injectable()
export class ApiScopes {
  private known: { names: readonly string[]; readAt: number } | null = null;
  private reading: Promise<readonly string[]> | null = null;

  constructor(private readonly db: Database) {}

  async names(): Promise<readonly string[]> {
    const { known } = this;
    if (known && performance.now() - known.readAt < KEEP_MS) return known.names;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return known ? this.reading.catch(() => known.names) : this.reading;
  }

  private async read(): Promise<readonly string[]> {
    const readAt = performance.now();
    const { rows } = await this.db.query<{ name: string }>(
      'SELECT s.name FROM scope s JOIN api a ON a.identifier = s.api WHERE NOT s.left_file AND NOT a.left_file ORDER BY s.name',
    );
    // Operators' own scopes are for clients made for them; a list for everybody says nothing about them (OIDC Discovery §3 lets it).
    const names = rows.map(({ name }) => name).filter((name) => !isAdminScope(name));
    this.known = { names, readAt };
    return names;
  }
}
