import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { PublicJwk } from '#libs/keys';
import type { KeyState } from './decide-rotation.js';
import { KeyLineEntity } from './key-line.entity.js';

/** One key. Its secret half is an envelope (`Kek`), erased as soon as nothing may use it any more; the row stays as a record. */
@Entity('keys')
@Check('keys_state', `state IN ('pending', 'active', 'retiring', 'retired')`)
@Index('keys_one_active', ['line'], { unique: true, where: `state = 'active'` })
@Index('keys_one_pending', ['line'], { unique: true, where: `state = 'pending'` })
export class KeyEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'keys_pkey' })
  kid: string;

  @Column({ type: 'text' })
  line: string;

  @ManyToOne(() => KeyLineEntity, { onDelete: 'NO ACTION' })
  @JoinColumn({ name: 'line', foreignKeyConstraintName: 'keys_line_fkey' })
  keyLine: KeyLineEntity;

  @Column({ type: 'text' })
  state: KeyState;

  @Column({ type: 'int', name: 'envelope_version' })
  envelopeVersion: number;

  @Column({ type: 'text', nullable: true })
  envelope: string | null;

  @Column({ type: 'jsonb', name: 'public_jwk', nullable: true })
  publicJwk: PublicJwk | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'activates_at' })
  activatesAt: Date;

  @Column({ type: 'timestamptz', name: 'replaced_at', nullable: true })
  replacedAt: Date | null;

  @Column({ type: 'timestamptz', name: 'remove_after', nullable: true })
  removeAfter: Date | null;

  @Column({ type: 'timestamptz', name: 'retired_at', nullable: true })
  retiredAt: Date | null;

  /** An operator's word that it must not be believed any more; `retired` from the same moment. */
  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
