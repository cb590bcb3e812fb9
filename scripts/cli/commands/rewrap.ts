import { type Command, command } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import { sheet } from '../output.js';

const EXPLANATION = `Puts every stored key under new key-encryption keys; the keys themselves stay, and so does every token. Stop Lanyard first, and say --yes.
Over the data directory of \`npm start\` (LANYARD_DATA_DIR, --data-dir) new ones are made in its secrets; the old ones stay beside them as
kek.previous and sealing-kek.previous. Elsewhere LANYARD_KEK and LANYARD_SEALING_KEK are those of now, LANYARD_KEK_NEXT and LANYARD_SEALING_KEK_NEXT those
to come (each also as …_FILE, one of the two will do), and the databases are named as for \`lanyard restore\`. See docs/backup-and-restore.md.`;

export const REWRAP_COMMANDS: readonly Command[] = [
  command({
    name: 'keys rewrap',
    summary: 'Puts the stored keys under a new KEK; nothing else changes. Stop Lanyard first.',
    options: { yes: { type: 'boolean' }, 'data-dir': { type: 'string' } },
    async run({ terminal, env }, { values }) {
      if (!values.yes) throw new CliError(EXIT.usage, EXPLANATION);
      // Only here: the owners' libraries take longer to load than any other command takes.
      const [{ openOwners }, { rewrapAll }] = [await import('../restore/index.js'), await import('../rewrap/index.js')];
      const given = values['data-dir'];
      const owners = await openOwners(typeof given === 'string' ? { ...env, LANYARD_DATA_DIR: given } : env);
      try {
        const done = await rewrapAll(owners, env);
        terminal.print(terminal.json ? JSON.stringify(done, null, 2) : sheet({ ...done }));
      } finally {
        await owners.close();
      }
      terminal.progress('Every copy of the database from before needs the KEK from before: keep it as long as you keep those.');
      return EXIT.done;
    },
  }),
];
