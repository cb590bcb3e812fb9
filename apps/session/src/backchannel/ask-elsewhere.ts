import { InternalCallError } from '#libs/http';

/** An answer of another service, or why there is none. `refused`: it understood and will not, so asking again changes nothing. */
export type Asked<T> = { answered: true; value: T } | { answered: false; refused: boolean; reason: string };

/** Other services being away is an expected state of a delivery, not an error of it: it burns no attempt. */
export async function askElsewhere<T>(ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { answered: true, value: await ask() };
  } catch (error) {
    if (!(error instanceof InternalCallError)) throw error;
    const refused = error.kind === 'refused' && error.status !== 401 && error.status !== 403;
    return { answered: false, refused, reason: error.code ?? error.kind };
  }
}
