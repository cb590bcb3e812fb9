import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What one user let one client do: the root of one refresh-token family, and the only row that tokens need (DESIGN, Tokens). `sid` is the
 * session it was made in; it hangs from that session unless `access_mode` is offline. `refresh_seq` null: no refresh token was issued.
 */
@Entity('grants')
@Check('grants_access_mode', `access_mode IN ('online', 'offline', 'none')`)
@Index('grants_of_session', ['sid'])
@Index('grants_of_subject', ['sub', 'client_id'])
@Index('grants_of_consent', ['consent_id'], { where: 'consent_id IS NOT NULL' })
@Index('grants_live_of_client', ['client_id', 'access_mode', 'gid'], { where: 'revoked_at IS NULL' })
@Index('grants_revoked_of_client', ['client_id', 'access_mode', 'gid'], { where: 'revoked_at IS NOT NULL' })
@Index('grants_not_online', ['access_mode', 'gid'], { where: "access_mode <> 'online' AND revoked_at IS NULL" })
@Index('grants_revoked', ['access_mode', 'gid'], { where: 'revoked_at IS NOT NULL' })
@Index('grants_expired', ['expires_at'])
export class GrantEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'grants_pkey' })
  gid: string;

  @Column({ type: 'text' })
  client_id: string;

  @Column({ type: 'text' })
  sub: string;

  /** The subject's generation that it pins: what a higher one killed stays dead. */
  @Column({ type: 'int' })
  subject_gen: number;

  @Column({ type: 'text' })
  sid: string;

  @Column({ type: 'text' })
  access_mode: string;

  @Column({ type: 'text', nullable: true })
  consent_id: string | null;

  @Column({ type: 'text', array: true })
  scope: string[];

  @Column({ type: 'text', array: true })
  resources: string[];

  @Column({ type: 'timestamptz' })
  auth_time: Date;

  @Column({ type: 'text', array: true })
  amr: string[];

  @Column({ type: 'text', nullable: true })
  acr: string | null;

  @Column({ type: 'bigint', nullable: true })
  refresh_seq: number | null;

  @Column({ type: 'timestamptz', nullable: true })
  rotated_at: Date | null;

  @Column({ type: 'int' })
  late_repeats: number;

  @Column({ type: 'timestamptz' })
  created_at: Date;

  @Column({ type: 'timestamptz' })
  last_used_at: Date;

  /** When nothing of it can be alive any more, as far as is known; for the sweeper, never for a decision. */
  @Column({ type: 'timestamptz' })
  expires_at: Date;

  @Column({ type: 'timestamptz', nullable: true })
  revoked_at: Date | null;

  @Column({ type: 'text', nullable: true })
  revoke_reason: string | null;
}
