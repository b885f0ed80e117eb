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

local announced = redis.call('HMGET', key('nodes'), unpack(candidates))
local placed = redis.call('HMGET', key('placed'), unpack(candidates))
local chosen, least
for i, candidate in ipairs(candidates) do
  local node = announced[i] and cjson.decode(announced[i])
  if node and not node.draining then
    local load = node.load + (tonumber(placed[i] or '0') or 0) + 1
    if load <= node.capacity then
      if load <= math.max(1, utilisation * node.capacity) then
        chosen = candidate
        break
      end
      if not least or load / node.capacity < least then
        least = load / node.capacity
        chosen = candidate
      end
    end
  end
end
if not chosen then return false end
if owner then redis.call('SREM', key('rooms:' .. owner), room) end
token = own(room, chosen)
redis.call('HINCRBY', key('placed'), chosen, 1)
return ownership(token, chosen)
