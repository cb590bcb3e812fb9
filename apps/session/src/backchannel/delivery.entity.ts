import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { SessionEntity } from '../sessions/session.entity.js';

export const DELIVERY_STATES = ['pending', 'delivered', 'not_applicable', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/**
 * One logout notice owed to one participant, written by the end's own transaction. Unique per (sid, client, round): however often an end
 * is repeated, a client is owed one for each time it took part. `due_at` is also the lease: a claim moves it forward, so a crashed sender's rows come due again.
 */
@Entity({ name: 'delivery' })
@Unique('delivery_once', ['sid', 'client_id', 'round'])
@Index('delivery_by_state', ['state', 'delivery_id'])
@Index('delivery_by_client', ['client_id', 'state', 'delivery_id'])
@Index('delivery_due', ['client_id', 'due_at'], { where: "state = 'pending'" })
@ForeignKey(() => SessionEntity, ['sid'], ['sid'], { name: 'delivery_session', onDelete: 'CASCADE' })
export class DeliveryEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'delivery_pkey' })
  delivery_id: number;
  @Column({ type: 'text' }) sid: string;
  @Column({ type: 'text' }) client_id: string;
  @Column({ type: 'text' }) sub: string;
  /** Of the participant that left. */
  @Column({ type: 'integer' }) round: number;
  /** A cut of one client: whether its grants are still to be revoked, which comes before the notice. null: the session's end, which does that itself. */
  @Column({ type: 'boolean', nullable: true }) grants_due: boolean | null;
  @Column({ type: 'text' }) state: DeliveryState;
  @Column({ type: 'integer' }) attempts: number;
  @Column({ type: 'timestamptz' }) created_at: Date;
  @Column({ type: 'timestamptz' }) due_at: Date;
  /** Names the claim under way: a sender that lost its lease may not schedule what another one is sending. */
  @Column({ type: 'text', nullable: true }) claim: string | null;
  @Column({ type: 'timestamptz' }) give_up_at: Date;
  @Column({ type: 'timestamptz', nullable: true }) finished_at: Date | null;
  /** Why it is dead, not applicable, or still waiting. */
  @Column({ type: 'text', nullable: true }) reason: string | null;
}
