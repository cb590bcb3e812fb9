import type { Pepper } from '#libs/database';

/** Addresses, account names and handles never lie in a store as they are; the namespace is in the MAC too. */
export type HashKey = (key: string) => string;

export const hashedKey =
  (pepper: Pepper, namespace: string): HashKey =>
  (key) =>
    pepper.mac('ephemeral', `${namespace}\n${key}`);
