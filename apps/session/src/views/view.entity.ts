import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process that holds a revocation view, and where it takes hints. */
@Entity({ name: 'view' })
export class ViewEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'view_pkey' }) view_id: string;
  @Column({ type: 'text' }) address: string;
  @Column({ type: 'text' }) service: string;
  @Column({ type: 'timestamptz' }) lease_until: Date;
}
