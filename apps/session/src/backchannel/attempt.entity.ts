import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { DeliveryEntity } from './delivery.entity.js';

/** Every logout token that was sent, or tried to be, and what became of it. The token is not kept; its `jti` is. */
@Entity({ name: 'delivery_attempt' })
@ForeignKey(() => DeliveryEntity, ['delivery_id'], ['delivery_id'], { name: 'delivery_attempt_delivery', onDelete: 'CASCADE' })
export class AttemptEntity {
  @PrimaryColumn({ type: 'bigint', primaryKeyConstraintName: 'delivery_attempt_pkey' }) delivery_id: number;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'delivery_attempt_pkey' }) jti: string;
  @Column({ type: 'timestamptz' }) at: Date;
  @Column({ type: 'text' }) outcome: 'delivered' | 'retry' | 'dead' | 'lost';
  @Column({ type: 'integer', nullable: true }) http_status: number | null;
  @Column({ type: 'text', nullable: true }) reason: string | null;
  @Column({ type: 'integer' }) took_ms: number;
}
