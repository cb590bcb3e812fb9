import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A client's registration. Secrets are keyed hashes; `disabled` and `left_file` as in subject: either switches it off. */
@Entity({ name: 'client' })
export class ClientEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'client_pkey' }) client_id: string;
  /** `created_at` (ms): of those that were made here. The file doesn't say when it got one. */
  @Column({ type: 'jsonb' }) secrets: { hash: string; weak: boolean; created_at?: number }[];
  /** The validated registration with its defaults, under the registered names. */
  @Column({ type: 'jsonb' }) metadata: Record<string, unknown>;
  @Column({ type: 'integer' }) gen: number;
  @Column({ type: 'boolean' }) disabled: boolean;
  @Column({ type: 'boolean' }) from_file: boolean;
  @Column({ type: 'boolean' }) left_file: boolean;
  @Column({ type: 'timestamptz' }) created_at: Date;
  @Column({ type: 'timestamptz' }) updated_at: Date;
}
