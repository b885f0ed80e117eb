-- ARGV: now, node, then rooms. Returns nothing where the node has no lease, else {room, token ...} of all that it owns.
local node = ARGV[2]
if redis.call('HEXISTS', key('nodes'), node) == 0 then return false end
local asked = {unpack(ARGV, 3)}
for i, record in ipairs(records_of(asked)) do
  local owner = record and owner_of(record)
  if not owner or (owner ~= node and redis.call('HEXISTS', key('nodes'), owner) == 0) then own(asked[i], node) end
end
local rooms, owned = redis.call('SMEMBERS', key('rooms:' .. node)), {}
for i, record in ipairs(records_of(rooms)) do
  local owner, token
  if record then owner, token = owner_of(record) end
  if owner == node then
    owned[#owned + 1] = rooms[i]
    owned[#owned + 1] = whole(token)
  else
    redis.call('SREM', key('rooms:' .. node), rooms[i])
  end
end
return owned
