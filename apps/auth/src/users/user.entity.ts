import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A person. `sub` is random and never given to anyone else, so a username that comes back finds its old row. Disabled is what
 * an operator said (`disabled`) or the file by its silence (`left_file`); neither undoes the other.
 */
@Entity({ name: 'subject' })
@Index('subject_username_prefix', { synchronize: false })
export class UserEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'subject_pkey' }) sub: string;
  @Column({ type: 'text' }) username: string;
  /** How usernames are compared: NFKC, lower case. */
  @Column({ type: 'text' }) @Index('subject_username', { unique: true }) username_key: string;
  /** argon2id, PHC string. */
  @Column({ type: 'text' }) password_hash: string;
  @Column({ type: 'timestamptz' }) password_changed_at: Date;
  @Column({ type: 'jsonb' }) claims: Record<string, unknown>;
  @Column({ type: 'text', array: true }) roles: string[];
  /** Raised on disable, enable and revoke-all; every lower one is refused (DESIGN, Generations). */
  @Column({ type: 'integer' }) gen: number;
  @Column({ type: 'boolean' }) disabled: boolean;
  @Column({ type: 'boolean' }) from_file: boolean;
  @Column({ type: 'boolean' }) left_file: boolean;
  @Column({ type: 'timestamptz' }) created_at: Date;
  @Column({ type: 'timestamptz' }) updated_at: Date;
}
