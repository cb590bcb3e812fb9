import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The highest generation of a subject that this service has heard of, from its own sign-ins and from SubjectChanged. Its row lock
 * orders a sign-in that is under way against the event that ends the subject's sessions (race 10); kept for good: a few bytes a user.
 */
@Entity({ name: 'subject_generation' })
export class SubjectGenerationEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'subject_generation_pkey' }) sub: string;
  @Column({ type: 'integer' }) gen: number;
}
