/** Nest tokens for what has no class of its own. */
export const AUTH_CONFIG = Symbol('AuthConfig');
export const CHECKPOINTS = Symbol('Checkpoints');
