-- ARGV: now, room, "1" where an owner that drains counts as none, utilisation, then candidates.
-- Returns {token, node as JSON, rooms placed there}, or nothing.
local room, utilisation = ARGV[2], tonumber(ARGV[4])
local record = redis.call('HGET', key('rooms'), room)
local owner, token
if record then
  owner, token = owner_of(record)
  local found = ownership(token, owner)
  if found[2] and not (ARGV[3] == '1' and cjson.decode(found[2]).draining) then return found end
end
local candidates = {unpack(ARGV, 5)}
if #candidates == 0 then return false end

local asked = {}
for i, candidate in ipairs(candidates) do
  asked[2 * i - 1], asked[2 * i] = candidate, placed_at(candidate)
end
local told = redis.call('HMGET', key('nodes'), unpack(asked))
local chosen, least
for i = 1, #candidates do
  local node = told[2 * i - 1] and cjson.decode(told[2 * i - 1])
  if node and not node.draining then
    local load = node.load + (tonumber(told[2 * i] or '0') or 0) + 1
    if load <= node.capacity then
      if load <= math.max(1, utilisation * node.capacity) then
        chosen = i
        break
      end
      if not least or load / node.capacity < least then
        least = load / node.capacity
        chosen = i
      end
    end
  end
end
if not chosen then return false end
if owner then redis.call('SREM', key('rooms:' .. owner), room) end
token = own(room, candidates[chosen])
local placed = redis.call('HINCRBY', key('nodes'), placed_at(candidates[chosen]), 1)
return {whole(token), told[2 * chosen - 1], whole(placed)}
