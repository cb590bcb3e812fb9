import type { ClientMetadata } from '#libs/protocol';

/** Origins of a browser client's redirect URIs and its allowed_origins; other clients have none: they don't call from script. */
export function browserOriginsOf(metadata: ClientMetadata): string[] {
  if (metadata.application_type !== 'browser') return [];
  const redirects = metadata.redirect_uris.map((uri) => new URL(uri).origin).filter((origin) => origin !== 'null');
  return [...new Set([...redirects, ...metadata.allowed_origins])];
}

const KEEP_MS = 60_000;
const MAX_ENTRIES = 1_000;

/**
 * Whether any enabled browser client lives at an origin; a preflight names no client. Both answers are kept a minute, bounded: a
 * page that floods us with origins costs one question each. CORS protects readers only, so an old answer harms nobody.
 */
export class OriginDirectory {
  private readonly known = new Map<string, { allowed: boolean; askedAt: number }>();

  constructor(
    private readonly ask: (origin: string) => Promise<boolean>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async allowed(origin: string): Promise<boolean> {
    const entry = this.known.get(origin);
    if (entry && this.now() - entry.askedAt < KEEP_MS) return entry.allowed;
    if (origin.length > 300) return false;
    const askedAt = this.now();
    try {
      const allowed = await this.ask(origin);
      this.store(origin, { allowed, askedAt });
      return allowed;
    } catch (error) {
      if (entry) return entry.allowed;
      throw error;
    }
  }

  /** For ViewService.onClientChanged: which origins a client had is not known here. */
  forget(): void {
    this.known.clear();
  }

  private store(origin: string, entry: { allowed: boolean; askedAt: number }): void {
    this.known.delete(origin);
    this.known.set(origin, entry);
    if (this.known.size <= MAX_ENTRIES) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}
