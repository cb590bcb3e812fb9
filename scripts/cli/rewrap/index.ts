/**
 * scripts/cli/rewrap owns changing the key-encryption keys: which are those of now, which are those to come, and in what order files and
 * database change. It runs only while no service does. Called by `keys rewrap`.
 */
import 'reflect-metadata';

export { type Rewrapped, rewrapAll } from './rewrap-all.js';
