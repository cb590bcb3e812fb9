import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The highest generation heard of per subject. The view forgets after its horizon; an offline grant may come back after months. */
@Entity('subject_generations')
export class SubjectGenerationEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'subject_generations_pkey' })
  sub: string;

  @Column({ type: 'int' })
  gen: number;
}
