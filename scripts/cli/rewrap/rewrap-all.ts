import { ConfigError } from '#libs/config';
import { Kek, KeyError } from '#libs/keys';
import { recordAudit } from '../../../apps/token/src/audit/record-audit.js';
import { rewrapKeys } from '../../../apps/token/src/keys/rewrap-keys.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { Owners } from '../restore/open-owners.js';
import { type ChosenKek, chooseKek } from './choose-kek.js';

export interface Rewrapped {
  /** Keys that are under another KEK than before; none: they were already. */
  readonly rewrapped: number;
}

export async function rewrapAll({ databases, secrets }: Owners, env: NodeJS.ProcessEnv): Promise<Rewrapped> {
  try {
    const kek = chooseKek('LANYARD_KEK', env, secrets);
    const sealingKek = chooseKek('LANYARD_SEALING_KEK', env, secrets);
    if (stays(kek) && stays(sealingKek))
      throw new CliError(EXIT.usage, 'Set LANYARD_KEK_NEXT or LANYARD_SEALING_KEK_NEXT to another key than the one of now.');
    const under = (which: 'from' | 'to') => ({
      kek: Kek.local(kek[which], 'LANYARD_KEK'),
      sealingKek: Kek.local(sealingKek[which], 'LANYARD_SEALING_KEK'),
    });
    const rewrapped = await rewrapKeys(databases.token, { from: under('from'), to: under('to') }, async (tx, keys) => {
      const details = { keys, kek: !stays(kek), sealing_kek: !stays(sealingKek) };
      await recordAudit(tx, [{ actor: 'operator', action: 'keys.rewrapped', target: 'keys', reason: null, details }]);
    });
    for (const chosen of [kek, sealingKek]) chosen.settle();
    return { rewrapped };
  } catch (error) {
    if (error instanceof KeyError || error instanceof ConfigError) throw new CliError(EXIT.refused, error.message);
    throw error;
  }
}

function stays({ from, to }: ChosenKek): boolean {
  return from.equals(to);
}
