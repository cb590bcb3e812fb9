/** The login was judged by a user record that has been superseded (disabled, revoked): it must not become a session. */
export class StaleGeneration extends Error {
  constructor(sub: string, given: number, known: number) {
    super(`subject ${sub}: the login pins generation ${given}, known is ${known}`);
    this.name = 'StaleGeneration';
  }
}
