import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One login of one user on one device. A row whose `idle_deadline` has passed is dead whatever `state` says: the reaper only writes
 * that down. `idle_deadline` never lies beyond `absolute_deadline`, so it alone answers "is it due".
 */
@Entity({ name: 'session' })
@Index('session_due', ['idle_deadline'], { where: "state = 'active'" })
@Index('session_by_subject', ['sub', 'last_seen_at'], { where: "state = 'active'" })
@Index('session_by_age', ['state', 'started_at', 'sid'])
@Index('session_of_subject', ['sub', 'state', 'started_at', 'sid'])
@Index('session_by_ip', ['ip', 'state', 'started_at', 'sid'])
@Index('session_swept', ['ended_at'], { where: "state = 'ended'" })
export class SessionEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'session_pkey' }) sid: string;
  @Column({ type: 'text' }) sub: string;
  /** The subject's generation when the user signed in; a higher one ends the session (DESIGN, Generations). */
  @Column({ type: 'integer' }) subject_gen: number;
  /** HMAC of the cookie; the value itself is never stored, and it is never the sid. */
  @Column({ type: 'text' }) @Index('session_cookie', { unique: true }) cookie_mac: string;
  @Column({ type: 'text' }) state: 'active' | 'ended';
  @Column({ type: 'boolean' }) remember: boolean;
  @Column({ type: 'timestamptz' }) auth_time: Date;
  @Column({ type: 'text', array: true }) amr: string[];
  @Column({ type: 'text', nullable: true }) acr: string | null;
  @Column({ type: 'timestamptz' }) started_at: Date;
  @Column({ type: 'timestamptz' }) last_seen_at: Date;
  @Column({ type: 'timestamptz' }) idle_deadline: Date;
  @Column({ type: 'timestamptz' }) absolute_deadline: Date;
  @Column({ type: 'text', nullable: true }) ip: string | null;
  @Column({ type: 'text', nullable: true }) user_agent: string | null;
  /** Of an expiry: the deadline, not the moment the reaper came by. */
  @Column({ type: 'timestamptz', nullable: true }) ended_at: Date | null;
  @Column({ type: 'text', nullable: true }) end_reason: string | null;
  @Column({ type: 'text', nullable: true }) end_id: string | null;
}
