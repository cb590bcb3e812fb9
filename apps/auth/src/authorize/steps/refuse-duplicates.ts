import type { Parameters } from '#libs/http';

/** RFC 6749 §3.1: none may come twice; RFC 8707 lets `resource`. A duplicated `state` is not echoed: nobody knows which. */
export function refuseDuplicates(parameters: Parameters): void {
  parameters.refuseDuplicates();
}
