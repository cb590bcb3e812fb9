import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { KeyPurpose } from './key-line.js';

@Entity('key_lines')
@Check('key_lines_purpose', `purpose IN ('signing', 'sealing', 'refresh_mac')`)
export class KeyLineEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'key_lines_pkey' })
  line: string;

  @Column({ type: 'text' })
  purpose: KeyPurpose;

  @Column({ type: 'text' })
  alg: string;
}
