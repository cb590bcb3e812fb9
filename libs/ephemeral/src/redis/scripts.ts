import { createHash } from 'node:crypto';

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * Every script begins with who the server is: a process (run_id), a history (master_replid changes at a promotion and a full resync) and what it had
 * to evict. Whatever changes one of them may have lost marks: a restart from a snapshot, a fail-over to an older copy, FLUSHALL (the key itself is gone).
 * `born` then holds nothing of this server, and nothing is done until somebody has given it a birth. A replica answers nothing.
 */
const PRELUDE = `
local time = redis.call('TIME')
local t = time[1] * 1000 + math.floor(time[2] / 1000)
local info = redis.call('INFO', 'server') .. redis.call('INFO', 'replication') .. redis.call('INFO', 'stats')
local function fact(name) return info:match('[\\r\\n]' .. name .. ':([^\\r\\n]*)') or '' end
if fact('role') ~= 'master' then return redis.error_reply('READONLY this Redis is a replica') end
local id = fact('run_id') .. ' ' .. fact('master_replid') .. ' ' .. fact('evicted_keys')
local born = redis.call('HMGET', KEYS[1], 'id', 'at', 'offset')
`;

const script = (body: string): Script => {
  const lua = PRELUDE + body;
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
};
const known = (body: string): Script => script(`if born[1] ~= id then return {t} end\n${body}`);

/**
 * ARGV: how far Redis' clock is ahead of the database's, the birth that is not to be believed any more (or ''), the margin. Only the offset may be old when
 * this runs: the moment itself is read here, so a command that lay in a socket for a minute dates nothing back.
 */
export const BEAR = script(`
if born[1] ~= id or born[2] == ARGV[2] then
  local at = t - ARGV[1] + ARGV[3]
  if born[2] and tonumber(born[2]) > at then at = tonumber(born[2]) end
  redis.call('HSET', KEYS[1], 'id', id, 'at', string.format('%.0f', at), 'offset', ARGV[1])
end
return {t}`);

export const KNOW = known('return {t, born[2], born[3]}');

export const MARK = known(`
local won = redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1])
return {t, born[2], born[3], won and 1 or 0}`);

/** ARGV: limit, window. Beyond the limit nothing is written, so a flood moves no window. */
export const HIT = known(`
local hits = tonumber(redis.call('GET', KEYS[2]) or '0')
if hits <= tonumber(ARGV[1]) then
  hits = redis.call('INCR', KEYS[2])
  if hits == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
end
return {t, born[2], born[3], hits, redis.call('PTTL', KEYS[2])}`);

export const PEEK = known(`
return {t, born[2], born[3], tonumber(redis.call('GET', KEYS[2]) or '0'), redis.call('PTTL', KEYS[2])}`);

export const REMOVE = known(`
return {t, born[2], born[3], redis.call('DEL', KEYS[2])}`);

const FOUND = `
local found = redis.call('HMGET', KEYS[2], 'version', 'value', 'expires')
local function answer() return {t, born[2], born[3], found[1], found[2], found[3]} end
`;

/** ARGV: value, lifetime. `expires` is the database's clock, fixed here, so that every reader is told the same. */
export const PUT = known(`${FOUND}
found = {tostring((tonumber(found[1]) or 0) + 1), ARGV[1], string.format('%.0f', t - born[3] + ARGV[2])}
redis.call('HSET', KEYS[2], 'version', found[1], 'value', found[2], 'expires', found[3])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return answer()`);

export const GET = known(`${FOUND} return answer()`);

export const TAKE = known(`${FOUND} redis.call('DEL', KEYS[2]) return answer()`);

/** ARGV: version, value. */
export const UPDATE = known(`${FOUND}
if found[1] ~= ARGV[1] then return {t, born[2], born[3]} end
found[1] = tostring(tonumber(found[1]) + 1)
found[2] = ARGV[2]
redis.call('HSET', KEYS[2], 'version', found[1], 'value', found[2])
return answer()`);
