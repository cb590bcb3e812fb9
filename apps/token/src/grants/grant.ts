import type { AccessMode } from '#libs/contracts';
import type { RefreshPosition } from '#libs/sealing';
import type { Rotation } from './detect-replay.js';

/**
 * apps/token/src/grants owns the grant rows: reading, judging, rotating, revoking and retiring them, and what follows a revocation's commit. Nothing
 * else in the app writes them. It knows no HTTP and mints nothing. Called by grant-types, codes, revocation, cascade and internal.
 *
 * A grant as read. Times: ms, database clock.
 */
export interface Grant {
  readonly gid: string;
  readonly clientId: string;
  readonly sub: string;
  readonly subjectGen: number;
  readonly sid: string;
  readonly accessMode: AccessMode;
  readonly consentId: string | null;
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  readonly authTime: number;
  readonly amr: readonly string[];
  readonly acr: string | null;
  readonly refreshSeq: number | null;
  readonly rotatedAt: number | null;
  readonly lateRepeats: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly revokedAt: number | null;
}

/** With what the same statement saw of the world around it. */
export interface ReadGrant {
  readonly grant: Grant;
  /** The highest generation this service has heard of for the subject; 0: none. */
  readonly subjectGenFloor: number;
  readonly dbTime: number;
}

/** The `sid` that its tokens carry: an offline grant's must not be hit by the end of the session it was made in. */
export function tokenSid(grant: Pick<Grant, 'accessMode' | 'sid'>): string | null {
  return grant.accessMode === 'offline' ? null : grant.sid;
}

export function refreshPosition(grant: Pick<Grant, 'gid' | 'accessMode' | 'sid'>, seq: number): RefreshPosition {
  return { gid: grant.gid, sid: tokenSid(grant), seq };
}

export function rotationOf(grant: Grant): Rotation {
  return { seq: grant.refreshSeq ?? 0, rotatedAt: grant.rotatedAt, lateRepeats: grant.lateRepeats };
}
