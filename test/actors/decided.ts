import { until } from '#libs/testing';

/** What is said besides 503, which is neither yes nor no: asked again for 20 s, as Retry-After says, also where a connection breaks. */
export function decided<T extends { readonly status: number }>(ask: () => Promise<T>): Promise<T> {
  const said = async () => {
    const answer = await ask();
    return answer.status !== 503 && answer;
  };
  return until(said, { what: 'anything but 503' });
}
