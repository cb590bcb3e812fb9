/** Who changed what is a person's, as events and the audit's reason say it: the person, or somebody with an operator's rights. */
export function initiatorOf(actor: string, sub: string): 'user' | 'admin' {
  return actor === sub ? 'user' : 'admin';
}
