"""Lua scripts of the Valkey cache, each of which changes one entry atomically.

``valkey`` explains the markers of leases that they use. KEYS has the entry's name.
"""

from __future__ import annotations

BEGIN_WRITE = """\
local found = redis.call('GET', KEYS[1]) or ''
local is_writing = string.sub(found, 1, 12) == string.sub(ARGV[2], 1, 12)
local ephemeral = ''
if string.sub(found, 1, #ARGV[3]) == ARGV[3] then
  ephemeral = '\\n' .. found
elseif is_writing then
  local start = string.find(found, '\\n', 1, true)
  ephemeral = start and string.sub(found, start) or ''
end
local marker = is_writing and ARGV[2] or ARGV[1]
if ephemeral == '' then
  redis.call('SET', KEYS[1], marker, 'PX', ARGV[4])
else
  redis.call('SET', KEYS[1], marker .. ephemeral, 'KEEPTTL')
end
"""
"""ARGV: the write's marker, the marker of crossed (overlapping) writes, the start of an ephemeral
copy, the lifetime of a marker. If another write is going on, both are crossed and neither may leave
a copy: the other writer may be gone while its write is still on its way to storage. An ephemeral
copy keeps its lifetime."""

END_WRITE = """\
local found = redis.call('GET', KEYS[1])
local function begins(start)
  return found and #start > 0 and string.sub(found, 1, #start) == start
end
if begins(ARGV[1]) and ARGV[4] then
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
elseif begins(string.sub(ARGV[2], 1, 12)) and not begins(ARGV[1]) and not begins(ARGV[2]) then
  redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
elseif not begins(ARGV[3]) then
  redis.call('DEL', KEYS[1])
end
"""
"""ARGV: the write's marker, the marker of crossed (overlapping) writes, the start of an ephemeral
copy, which stays since it was stored after the marker, and, if a copy is to be kept, its lifetime
and its value. If another write is going on, its marker is replaced by that of crossed writes."""

DELETE = """\
local found = redis.call('GET', KEYS[1]) or ''
if string.sub(found, 1, #ARGV[1]) == ARGV[1] then
  found = string.sub(found, (string.find(found, '\\n', 1, true) or #found) + 1)
end
if string.sub(found, 1, #ARGV[2]) == ARGV[2] then
  local line = string.sub(found, 1, string.find(found, '\\n', 1, true) - 1)
  if cjson.decode(line).version > tonumber(ARGV[3]) then
    return
  end
end
redis.call('DEL', KEYS[1])
"""
"""ARGV: the start of a write's marker, the start of an ephemeral copy, and the last version up to
which an ephemeral copy is removed too. Whoever has a lease finds its marker gone, and keeps no
copy."""

END_FILL = """\
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
end
"""
"""ARGV: the fill's marker, and the lifetime and the value of the copy."""
