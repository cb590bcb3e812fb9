import { type Command, command } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import { sheet } from '../output.js';

const EXPLANATION = `A restored database does not know what ended after the copy was made: those sessions and tokens would live again. Lanyard notices and
serves nothing until somebody decides. \`lanyard restore --end-all-sessions --yes\` ends every session, grant and token of every user and
client, from before the copy and after it, and lets the copy go on. Everybody signs in again; accounts and clients stay as the copy has them.
Stop Lanyard first. It works on the databases themselves: those of AUTH_DATABASE_URL, SESSION_DATABASE_URL and TOKEN_DATABASE_URL, else the one
that \`npm start\` would use, embedded or DATABASE_URL. See docs/backup-and-restore.md.`;

export const RESTORE_COMMANDS: readonly Command[] = [
  command({
    name: 'restore',
    summary: 'Lets a restored database go on, after everything that it could bring back has been ended. Stop Lanyard first.',
    options: { 'end-all-sessions': { type: 'boolean' }, yes: { type: 'boolean' }, 'data-dir': { type: 'string' } },
    async run({ terminal, env }, { values }) {
      if (!values['end-all-sessions'] || !values.yes) throw new CliError(EXIT.usage, EXPLANATION);
      // Only here: the owners' libraries take longer to load than any other command takes.
      const { endEverything, openOwners } = await import('../restore/index.js');
      const given = values['data-dir'];
      const owners = await openOwners(typeof given === 'string' ? { ...env, LANYARD_DATA_DIR: given } : env);
      try {
        const done = await endEverything(owners, (text) => terminal.progress(text));
        terminal.print(terminal.json ? JSON.stringify(done, null, 2) : sheet({ ...done }));
      } finally {
        await owners.close();
      }
      terminal.progress(
        'Start Lanyard now. An instance with a data directory of its own has witness files of its own: remove its log-witness-*.json as well.',
      );
      return EXIT.done;
    },
  }),
];
