import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { SessionEntity } from './session.entity.js';

/**
 * A client that got tokens within a session: it is owed a logout notice. It takes part until it is cut out or the session ends (`left_at`); signing in
 * again after a cut begins another round, which is owed a notice of its own. `session_started_at` is the session's, for lists by client.
 */
@Entity({ name: 'participant' })
@Index('participant_present', ['client_id', 'session_started_at', 'sid'], { where: 'left_at IS NULL' })
@Index('participant_gone', ['client_id', 'session_started_at', 'sid'], { where: 'left_at IS NOT NULL' })
@ForeignKey(() => SessionEntity, ['sid'], ['sid'], { name: 'participant_session', onDelete: 'CASCADE' })
export class ParticipantEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'participant_pkey' }) sid: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'participant_pkey' }) client_id: string;
  @Column({ type: 'timestamptz' }) joined_at: Date;
  @Column({ type: 'timestamptz' }) session_started_at: Date;
  @Column({ type: 'integer' }) round: number;
  @Column({ type: 'timestamptz', nullable: true }) left_at: Date | null;
}
