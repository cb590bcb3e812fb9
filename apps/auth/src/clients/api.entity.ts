import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A resource server's audience (RFC 8707 `resource`). One that left the file keeps its row; its scopes can't be asked for. */
@Entity({ name: 'api' })
export class ApiEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'api_pkey' }) identifier: string;
  @Column({ type: 'text', nullable: true }) name: string | null;
  @Column({ type: 'text' }) access_token_format: string;
  @Column({ type: 'boolean' }) left_file: boolean;
}
