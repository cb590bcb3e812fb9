/** Injection tokens of this app. */
export const INTROSPECT_CONFIG = Symbol('INTROSPECT_CONFIG');
export const CHECKPOINTS = Symbol('CHECKPOINTS');
export const CLOCK = Symbol('CLOCK');
