import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { SessionEntity } from './session.entity.js';

/** A client that got tokens within a session: it is owed a logout notice. */
@Entity({ name: 'participant' })
@ForeignKey(() => SessionEntity, ['sid'], ['sid'], { name: 'participant_session', onDelete: 'CASCADE' })
export class ParticipantEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'participant_pkey' }) sid: string;
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'participant_pkey' }) client_id: string;
  @Column({ type: 'timestamptz' }) joined_at: Date;
}
