import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Append-only (triggers refuse UPDATE, DELETE and TRUNCATE). `details` holds allow-listed fields only, never a secret. */
@Entity({ name: 'audit' })
@Index('audit_by_target', ['target', 'at'])
@Index('audit_by_actor', ['actor', 'id'])
export class AuditEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'audit_pkey' }) id: number;
  @Column({ type: 'timestamptz' }) at: Date;
  @Column({ type: 'text' }) actor: string;
  @Column({ type: 'text' }) action: string;
  @Column({ type: 'text' }) target: string;
  @Column({ type: 'text', nullable: true }) reason: string | null;
  @Column({ type: 'text', nullable: true }) request_id: string | null;
  @Column({ type: 'jsonb' }) details: Record<string, unknown>;
}
