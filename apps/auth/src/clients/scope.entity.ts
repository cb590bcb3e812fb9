import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A scope of one API; names are unique over all APIs, which the primary key enforces. */
@Entity({ name: 'scope' })
export class ScopeEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'scope_pkey' }) name: string;
  @Column({ type: 'text' }) api: string;
  @Column({ type: 'text', nullable: true }) description: string | null;
  @Column({ type: 'boolean' }) left_file: boolean;
}
