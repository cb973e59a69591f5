import type { RedisClient } from '../redis/redis-connection.js';
import { RedisScript } from '../redis/redis-script.js';
import { SLOTS, SLOTS_PER_SECOND, WINDOW_S } from './sliding-window.js';

/** A limit's window in Redis, and how many hits it admits. */
export interface SharedWindow {
  readonly key: string;
  readonly limit: number;
}

/** What became of a hit. */
export interface Spent {
  /** The first window that refused it; undefined if all admitted it. */
  readonly refusedBy: SharedWindow | undefined;
  /** Of that one, else of the first. */
  readonly hits: number;
  /** Whole seconds, 1 at the least, until the oldest hit leaves the same. */
  readonly secondsToNext: number;
}

/**
 * Counts a hit in all these windows, or in none where one of them is full, as {@link SlidingWindow} would, in Redis' own time or, for tests,
 * in the slot `at`. Undefined for a reply that is none of the script's.
 */
export async function spend(client: RedisClient, windows: readonly SharedWindow[], at?: number): Promise<Spent | undefined> {
  const keys = windows.map(({ key }) => key);
  const limits = windows.map(({ limit }) => `${limit}`);
  return spentOf(await SPEND.run(client, keys, at === undefined ? limits : [...limits, `${at}`]), windows);
}

function spentOf(reply: unknown, windows: readonly SharedWindow[]): Spent | undefined {
  if (!Array.isArray(reply) || reply.length !== 3 || !reply.every(Number.isSafeInteger)) return undefined;
  const [refusing, hits, secondsToNext] = reply as [number, number, number];
  const isOfScript = refusing >= 0 && refusing <= windows.length && hits >= 0 && secondsToNext >= 1 && secondsToNext <= WINDOW_S;
  return isOfScript ? { refusedBy: windows[refusing - 1], hits, secondsToNext } : undefined;
}

/**
 * A window is a list of the slots with hits, oldest first, each as "slot, hits before it, hits with it", counted from the list's first: how
 * many it holds is told by its ends. So a hit touches the ends alone, and each slot is dropped once. Nothing is written for a hit that is
 * refused, so that floods do not fill Redis. Both windows are looked at before either is written: whatever is wrong with one spends neither.
 */
const SPEND = new RedisScript(`
local SLOTS = ${SLOTS}
local now = tonumber(ARGV[#KEYS + 1])
if not now then
  local time = redis.call('TIME')
  now = math.floor((time[1] * 1000000 + time[2]) / ${1_000_000 / SLOTS_PER_SECOND})
end

local function slotOf(text)
  local at, before, after = string.match(text, '^(%d+) (%d+) (%d+)$')
  return { at = tonumber(at), before = tonumber(before), after = tonumber(after) }
end

-- A hundred at the most: a reply with all of them would be large.
local function drop(key, at)
  local gone = 0
  for _, text in ipairs(redis.call('LRANGE', key, 0, 99)) do
    if at - slotOf(text).at < SLOTS then break end
    gone = gone + 1
  end
  redis.call('LTRIM', key, gone, -1)
end

local function look(key)
  local last = redis.call('LINDEX', key, -1)
  local newest = last and slotOf(last)
  -- Also where the clock was set back by more than a window.
  if not newest or math.abs(now - newest.at) >= SLOTS then
    if newest then redis.call('DEL', key) end
    return { key = key, at = now, hits = 0, after = 0, oldest = now }
  end
  local at = math.max(now, newest.at)
  local oldest = slotOf(redis.call('LINDEX', key, 0))
  while at - oldest.at >= SLOTS do
    drop(key, at)
    oldest = slotOf(redis.call('LINDEX', key, 0))
  end
  return { key = key, at = at, hits = newest.after - oldest.before, after = newest.after, oldest = oldest.at, newest = newest }
end

local function add(window)
  local newest = window.newest
  window.hits = window.hits + 1
  if newest and newest.at == window.at then
    redis.call('LSET', window.key, -1, string.format('%.0f %.0f %.0f', newest.at, newest.before, newest.after + 1))
  else
    redis.call('RPUSH', window.key, string.format('%.0f %.0f %.0f', window.at, window.after, window.after + 1))
    redis.call('PEXPIRE', window.key, ${WINDOW_S * 1000})
  end
end

local function reply(refusing, window)
  return { refusing, window.hits, math.max(1, math.ceil((window.oldest + SLOTS - window.at) / ${SLOTS_PER_SECOND})) }
end

local windows = {}
for index, key in ipairs(KEYS) do
  windows[index] = look(key)
  if windows[index].hits >= tonumber(ARGV[index]) then return reply(index, windows[index]) end
end
for _, window in ipairs(windows) do add(window) end
return reply(0, windows[1])
`);
