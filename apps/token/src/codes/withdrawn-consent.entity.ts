import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A consent that was taken back, for as long as a code given under it could still turn up. */
@Entity('withdrawn_consents')
@Index('withdrawn_consents_swept', ['withdrawn_at'])
export class WithdrawnConsentEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'withdrawn_consents_pkey' })
  consent_id: string;

  @Column({ type: 'timestamptz' })
  withdrawn_at: Date;
}
