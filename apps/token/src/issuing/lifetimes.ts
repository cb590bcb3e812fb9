/** Seconds, as they stand in a token. */
export interface TokenTimes {
  readonly iat: number;
  readonly exp: number;
}

/**
 * From the last liveness read, never from the moment of sealing: a process that was paused in between makes a token that is already that
 * much older (DESIGN, "Times in tokens"). `notAfter`: ms; where the session ends. null: not one whole second is left.
 */
export function accessTokenTimes(livenessRead: number, ttlSeconds: number, notAfter: number | null): TokenTimes | null {
  const iat = Math.floor(livenessRead / 1_000);
  const wanted = iat + ttlSeconds;
  const exp = notAfter === null ? wanted : Math.min(wanted, Math.floor(notAfter / 1_000));
  return exp > iat ? { iat, exp } : null;
}

export interface OfflineUse {
  readonly createdAt: number;
  readonly lastUsedAt: number;
}

/** When an offline grant dies if it is not used again: ms. Judged by the settings of today, not by those of its consent (CVE-2025-11429). */
export function offlineDeadline(
  { createdAt, lastUsedAt }: OfflineUse,
  policy: { offline_idle: number; offline_max: number | null },
): number {
  const idle = lastUsedAt + policy.offline_idle * 1_000;
  return policy.offline_max === null ? idle : Math.min(idle, createdAt + policy.offline_max * 1_000);
}
