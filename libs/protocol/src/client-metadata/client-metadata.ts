import type { z } from 'zod';
import { withDefaults } from './defaults.js';
import { METADATA_MEMBERS, members, type WrittenMetadata, written } from './members.js';
import { LOCALIZED } from './registered-members.js';
import { checkRules } from './rules.js';
import { unknownMember } from './unknown-member.js';

/** As written: every member optional, unknown ones refused with the nearest known name. `also` are names the caller has read itself. */
export function writtenMetadata(also: readonly string[] = []) {
  return written
    .loose()
    .superRefine((value, context) => {
      for (const name of Object.keys(value)) {
        if (Object.hasOwn(members, name) || also.includes(name) || LOCALIZED.test(name)) continue;
        context.addIssue({ code: 'custom', path: [name], message: unknownMember(name, METADATA_MEMBERS) });
      }
    })
    .transform((value): WrittenMetadata => value);
}

/** With the defaults of RFC 7591 §2 filled in and the rules between members checked. Parsing its own output changes nothing. */
export const clientMetadata = writtenMetadata().transform(withDefaults).superRefine(checkRules);
export type ClientMetadata = z.output<typeof clientMetadata>;
