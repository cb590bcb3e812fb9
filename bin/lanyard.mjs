#!/usr/bin/env node
/** The `lanyard` command. Built already: run as it is, because a build's chatter has no place in a command's output. */
import { existsSync } from 'node:fs';

const main = new URL('../dist/scripts/cli/main.js', import.meta.url);
if (!existsSync(main)) (await import('../scripts/prepare.mjs')).prepare();
await import(main.href);
