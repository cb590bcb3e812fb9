import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CodeContents } from '#libs/contracts';

/** A code by its HMAC, with what it stands for. Consumed rows are kept 24 h, so that a second redemption is known for what it is. */
@Entity('authorization_codes')
@Index('authorization_codes_swept', ['created_at'])
export class CodeEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'authorization_codes_pkey' })
  code_mac: string;

  @Column({ type: 'jsonb' })
  contents: CodeContents;

  @Column({ type: 'timestamptz' })
  created_at: Date;

  @Column({ type: 'timestamptz' })
  expires_at: Date;

  /** Attempts that failed client, redirect URI or PKCE. */
  @Column({ type: 'int' })
  failures: number;

  @Column({ type: 'timestamptz', nullable: true })
  consumed_at: Date | null;

  /** What the first redemption got. */
  @Column({ type: 'text', nullable: true })
  gid: string | null;
}
