/** `node scripts/run.mjs <name> …`: everything that is needed, then the compiled script of that name. */
import { fail, prepare } from './prepare.mjs';

const [name = ''] = process.argv.splice(2, 1);
if (!/^[a-z-]+$/.test(name)) fail('Usage: node scripts/run.mjs <script>');
prepare();
await import(`../dist/scripts/${name}.js`);
