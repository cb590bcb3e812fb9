import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What a user agreed to for a client. One active row per pair; withdrawn rows stay, and a consent given again has a new id, so that
 * what hung from the old one stays dead. `grants_revoked_at`: the token service has committed the end of its grants.
 */
@Entity({ name: 'consent' })
@Index('consent_active', ['sub', 'client_id'], { unique: true, where: 'revoked_at IS NULL' })
@Index('consent_unfinished', ['revoked_at'], { where: 'revoked_at IS NOT NULL AND grants_revoked_at IS NULL' })
export class ConsentEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'consent_pkey' }) consent_id: string;
  @Column({ type: 'text' }) sub: string;
  @Column({ type: 'text' }) client_id: string;
  @Column({ type: 'text', array: true }) scopes: string[];
  @Column({ type: 'text', array: true }) declined: string[];
  @Column({ type: 'timestamptz' }) granted_at: Date;
  @Column({ type: 'timestamptz' }) updated_at: Date;
  /** When `offline_access` was first agreed to under this consent. */
  @Column({ type: 'timestamptz', nullable: true }) offline_since: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) revoked_at: Date | null;
  @Column({ type: 'timestamptz', nullable: true }) grants_revoked_at: Date | null;
}
