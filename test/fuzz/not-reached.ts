/** Routes that never answer anything below 400, with the reason. Each other one does within 5,000 requests. */
export const NOT_REACHED: Readonly<Record<string, string>> = {
  'introspect GET /nowhere': 'there is no such route: the answer of what nothing answers',
  'token POST /internal/log/passed': 'no service reads the events of the token service as a group, so no caller is allowed',
};
