-- ARGV: now, lease in ms, node, what it announces as JSON, "1" if that changed, version known, then rooms and tokens to
-- release.
-- Returns {"1" if there was no lease, version, "1" if these are all nodes, nodes as lines of JSON, those gone as lines,
-- now}.
local node, ends_at = ARGV[3], whole(now + ARGV[2])
local had_lapsed = redis.call('ZADD', key('leases'), 'XX', 'CH', ends_at, node) == 0
  and not redis.call('ZSCORE', key('leases'), node)
if had_lapsed then redis.call('ZADD', key('leases'), ends_at, node) end
local is_changed = had_lapsed or ARGV[5] == '1'
-- A Redis that evicts keys may lack it.
if not is_changed and redis.call('HEXISTS', key('nodes'), node) == 0 then had_lapsed, is_changed = true, true end
if is_changed then
  local added = redis.call('HSET', key('nodes'), node, ARGV[4], placed_at(node), '0')
  had_lapsed = had_lapsed or added > 0
  redis.call('ZADD', key('changes'), next_version(), node)
end
for i = 7, #ARGV, 2 do
  if redis.call('HGET', key('rooms'), ARGV[i]) == ARGV[i + 1] .. ' ' .. node then
    redis.call('HDEL', key('rooms'), ARGV[i])
    redis.call('SREM', key('rooms:' .. node), ARGV[i])
  end
end

local known, changed = tonumber(ARGV[6]), {}
local version = whole(redis.call('ZREVRANGE', key('changes'), 0, 0, 'WITHSCORES')[2] or known)
local is_whole = had_lapsed or known == 0 or known < tonumber(redis.call('ZSCORE', key('changes'), '') or 0)
if not is_whole then
  changed = redis.call('ZRANGEBYSCORE', key('changes'), '(' .. ARGV[6], '+inf')
  is_whole = #changed > 1000 -- what unpack takes has a limit
end
local nodes, gone = {}, {}
if is_whole then
  for _, value in ipairs(redis.call('HVALS', key('nodes'))) do
    if string.sub(value, 1, 1) == '{' then nodes[#nodes + 1] = value end -- the others are rooms placed there
  end
elseif #changed > 0 then
  for i, announced in ipairs(redis.call('HMGET', key('nodes'), unpack(changed))) do
    if announced then nodes[#nodes + 1] = announced else gone[#gone + 1] = changed[i] end
  end
end
return {
  had_lapsed and '1' or '0', version, is_whole and '1' or '0', table.concat(nodes, '\n'), table.concat(gone, '\n'), whole(now)
}
