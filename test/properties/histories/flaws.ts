/** One promise broken each. A model with a flaw is a forged server, which the checker must refute. */
export const FLAWS = [
  'a replay kills nothing',
  'a retry mints another successor',
  'a retry is taken for a replay',
  'the grace never ends',
  'a code works twice',
  'a second use of a code revokes nothing',
  'an end is forgotten',
  'an end leaves online grants',
  'offline dies with the session',
  'a revocation ends the session',
  'a revoked family goes on',
  'an access token revokes its family',
  'a re-enabled client brings everything back',
  'a re-enabled person brings everything back',
  'a consent withdrawn changes nothing',
  'a cut-off leaves codes that are out',
  'an expired token is active',
  'a rotation refuses what was sealed before',
  'a revoked key still opens',
] as const;
export type Flaw = (typeof FLAWS)[number];
