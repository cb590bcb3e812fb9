import { usernameKey } from '#libs/config';

/** ASVS 5.0 6.2.1 and 6.2.9: at least 8 characters, long ones allowed; no rules about which characters (6.2.5). */
const MIN_LENGTH = 8;
const MAX_LENGTH = 1_024;

/** What is wrong with a new password, as a sentence for the person; null: nothing. The file's first passwords are the operator's own affair. */
export function passwordProblem(password: string, username: string): string | null {
  if ([...password.normalize('NFKC')].length < MIN_LENGTH) return `The password must have at least ${MIN_LENGTH} characters.`;
  if (password.length > MAX_LENGTH) return `The password must have at most ${MAX_LENGTH} characters.`;
  if (usernameKey(password) === usernameKey(username)) return 'The password must not be the username.';
  return null;
}
