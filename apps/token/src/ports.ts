/** Nest tokens for what has no class of its own here. */
export const CHECKPOINTS = Symbol('Checkpoints');
export const TOKEN_CONFIG = Symbol('TokenConfig');
