import { z } from 'zod';
import { randomSecret } from '#libs/database';
import type { ExpiringObjects } from '#libs/ephemeral';
import { type LogoutRequest, logoutRequest } from './logout-request.js';

const LIFETIME_MS = 30 * 60 * 1000;
const HANDLE = /^lanyard_lh_[A-Za-z0-9_-]{43}$/;

const kept = z.strictObject({ request: logoutRequest, browser: z.string().nullable() });
export type KeptLogout = z.infer<typeof kept>;

/** A logout request while the person is asked, or while the browser comes back with its cookies. Never changed, only read. */
export class LogoutStore {
  constructor(private readonly objects: ExpiringObjects) {}

  async keep(request: LogoutRequest, browser: string | null): Promise<string> {
    const handle = randomSecret('lanyard_lh_');
    await this.objects.put(handle, { request, browser } satisfies KeptLogout, LIFETIME_MS);
    return handle;
  }

  async load(handle: string): Promise<KeptLogout | null> {
    const found = HANDLE.test(handle) ? await this.objects.get(handle) : null;
    return found && kept.parse(found.value);
  }
}
