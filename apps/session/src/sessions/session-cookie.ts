import { type Pepper, randomSecret } from '#libs/database';

const PREFIX = 'lanyard_sc_';
const FORM = /^lanyard_sc_[A-Za-z0-9_-]{43}$/;

export interface NewCookie {
  value: string;
  mac: string;
}

/** The value leaves once, to the browser; the MAC is what is kept. */
export function newCookie(pepper: Pepper): NewCookie {
  const value = randomSecret(PREFIX);
  return { value, mac: pepper.mac('cookie', value) };
}

/** null for anything of another form: a truncated or padded cookie is no cookie (SECURITY.md, Codes/cookies). */
export function cookieMac(pepper: Pepper, value: string): string | null {
  return FORM.test(value) ? pepper.mac('cookie', value) : null;
}
