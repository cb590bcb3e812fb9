/** `npm start`: everything that is needed, then the launcher (scripts/start/main.ts) in this same process. */
import { prepare } from './prepare.mjs';

console.log('Lanyard');
prepare();
await import('../dist/scripts/start/main.js');
