-- What all scripts begin with. KEYS[1]: the prefix of every key, in braces, so that a Redis Cluster keeps them together.
-- ARGV[1]: milliseconds of a caller's clock, for tests; empty: Redis' own. No other clock is believed.
--   PREFIX:leases       node → when its lease ends            PREFIX:rooms:NODE  the rooms of a node
--   PREFIX:nodes        node → what it announced, as JSON; "node placed" → rooms placed there since
--   PREFIX:rooms        room → "token node"                   PREFIX:token    the newest fencing token
--   PREFIX:changes      node → the version in which it changed last, or went; "" → the newest that was deleted here
--   PREFIX:gone         nodes that went, the last first, at most that many
local most_gone = 1000
local prefix = KEYS[1]
local function key(name) return prefix .. ':' .. name end

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number) return string.format('%.0f', number) end -- Lua writes large numbers as 1.7e+15

-- A new version of the nodes: above the last, and above those before data were lost.
local function next_version()
  local last = redis.call('ZREVRANGE', key('changes'), 0, 0, 'WITHSCORES')[2] or 0
  return whole(math.max(last + 1, now))
end

local function placed_at(node) return node .. ' placed' end

local function owner_of(record)
  local token, node = string.match(record, '^(%d+) (.*)$')
  return node, tonumber(token)
end

local function records_of(rooms)
  local records = {}
  for i = 1, #rooms, 1000 do -- what unpack takes has a limit
    for _, record in ipairs(redis.call('HMGET', key('rooms'), unpack(rooms, i, math.min(i + 999, #rooms)))) do
      records[#records + 1] = record
    end
  end
  return records
end

local function forget(node)
  local rooms = redis.call('SMEMBERS', key('rooms:' .. node))
  for i, record in ipairs(records_of(rooms)) do
    if record and owner_of(record) == node then redis.call('HDEL', key('rooms'), rooms[i]) end
  end
  redis.call('DEL', key('rooms:' .. node))
  redis.call('HDEL', key('nodes'), node, placed_at(node))
  redis.call('ZREM', key('leases'), node)
  redis.call('ZADD', key('changes'), next_version(), node)
  if redis.call('LPUSH', key('gone'), node) > most_gone then
    local oldest = redis.call('RPOP', key('gone'))
    if redis.call('HEXISTS', key('nodes'), oldest) == 0 then
      redis.call('ZADD', key('changes'), redis.call('ZSCORE', key('changes'), oldest) or 0, '')
      redis.call('ZREM', key('changes'), oldest)
    end
  end
end

for _, node in ipairs(redis.call('ZRANGEBYSCORE', key('leases'), '-inf', whole(now))) do forget(node) end

-- Tokens go on above those before data were lost, too: 1,000 for each millisecond of the clock.
local function own(room, node)
  local token = redis.call('INCR', key('token'))
  if token == 1 then
    token = math.max(token, now * 1000)
    redis.call('SET', key('token'), whole(token))
  end
  redis.call('HSET', key('rooms'), room, whole(token) .. ' ' .. node)
  redis.call('SADD', key('rooms:' .. node), room)
  return token
end

-- {token, node as JSON, rooms placed there}
local function ownership(token, node)
  local announced, placed = unpack(redis.call('HMGET', key('nodes'), node, placed_at(node)))
  return {whole(token), announced, placed or '0'}
end
