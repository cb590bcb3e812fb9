import { BearerError } from '#libs/resource-server';

/** What a request is answered with instead of its resource. Fails where it was accepted, or where anything but a BearerError was thrown. */
export async function refusalOf(work: Promise<unknown>): Promise<BearerError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof BearerError) return error;
  throw new Error('it was not refused', { cause: error });
}

export async function statusOf(work: Promise<unknown>): Promise<number> {
  return work.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof BearerError) return error.status;
      throw error;
    },
  );
}
