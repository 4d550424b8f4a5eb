"""Lua scripts that read and change the account inside Valkey; each runs atomically.

A record is a field of its table's hash: ``{"version":7,"created":3,"record":{...}}``. The hash
``state`` has the number of the last write, ``version``, and the unique name of the last commit,
``commit``: a reader that finds the same name again knows that nothing has changed.
"""

from __future__ import annotations

from emulator.backends.valkey.scripts import Script

READ = Script("""
-- KEYS: state, then the table of each record. ARGV: the commit that the caller knows, then the ids.
-- Returns the last commit, followed by the records if it differs from the known one.
local commit = redis.call('HGET', KEYS[1], 'commit') or ''
local found = {commit}
if commit == ARGV[1] then
  return found
end
for i = 2, #KEYS do
  found[i] = redis.call('HGET', KEYS[i], ARGV[i])
end
return found
""")

COUNT = Script("return redis.call('HLEN', KEYS[1])")

READ_ALL = Script("""
-- KEYS: state, then the tables. Returns the number of the last write, and all fields of each table.
local found = {redis.call('HGET', KEYS[1], 'version') or '0'}
for i = 2, #KEYS do
  found[i] = redis.call('HGETALL', KEYS[i])
end
return found
""")

COMMIT = Script("""
-- KEYS: state, the key that remembers this commit, the tables.
-- ARGV: the commit's name, how many milliseconds it is remembered, 'replace' or '', the index in
-- KEYS of a table with limited room (or 0), the number of records it must stay below; then for each
-- change the table's index in KEYS, the id, the expected version or '', the record or ''.
-- Returns 'done', 'full', or the table and id whose version is not the expected one.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 'done'
end
local replaces = ARGV[3] == 'replace'
if ARGV[4] ~= '0' and redis.call('HLEN', KEYS[tonumber(ARGV[4])]) >= tonumber(ARGV[5]) then
  return 'full'
end
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
local after = {}
for i = 6, #ARGV, 4 do
  local table_key, id, expected, record = KEYS[tonumber(ARGV[i])], ARGV[i+1], ARGV[i+2], ARGV[i+3]
  local place = table_key .. '/' .. id
  local before = after[place] and after[place][3]
  if before == nil then
    before = not replaces and redis.call('HGET', table_key, id) or ''
  end
  local at, created = before:match('^{"version":(%d+),"created":(%d+),')
  if (at or '') ~= expected then
    return place
  end
  version = version + 1
  if record ~= '' then
    record = string.format('{"version":%.0f,"created":%s,"record":%s}', version,
      created or string.format('%.0f', version), record)
  end
  after[place] = {table_key, id, record}
end
if replaces then
  for i = 3, #KEYS do
    redis.call('DEL', KEYS[i])
  end
end
for _, change in pairs(after) do
  if change[3] == '' then
    redis.call('HDEL', change[1], change[2])
  else
    redis.call('HSET', change[1], change[2], change[3])
  end
end
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', version), 'commit', ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
return 'done'
""")

RESTORE = Script("""
-- KEYS: state, the key that remembers this commit, the tables.
-- ARGV: the commit's name, how many milliseconds it is remembered, the number of the last write
-- at the checkpoint; then for each record the table's index in KEYS, the id, and the field's value.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 'done'
end
for i = 3, #KEYS do
  redis.call('DEL', KEYS[i])
end
for i = 4, #ARGV, 3 do
  redis.call('HSET', KEYS[tonumber(ARGV[i])], ARGV[i+1], ARGV[i+2])
end
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
version = math.max(version, tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', version), 'commit', ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
return 'done'
""")
