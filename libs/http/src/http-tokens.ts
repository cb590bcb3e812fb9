/** Injection tokens of what createHttpApp puts into every app. */
export const HTTP_CONFIG = Symbol('HTTP_CONFIG');
export const SERVICE_NAME = Symbol('SERVICE_NAME');
