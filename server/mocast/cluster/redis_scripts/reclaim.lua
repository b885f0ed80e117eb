-- ARGV: now, node, then rooms. Returns nothing where the node has no lease, else {room, token ...} of all that it owns.
local node = ARGV[2]
if redis.call('HEXISTS', key('nodes'), node) == 0 then return false end
for i = 3, #ARGV do
  if redis.call('HEXISTS', key('rooms'), ARGV[i]) == 0 then own(ARGV[i], node) end
end
local owned = {}
for _, room in ipairs(redis.call('SMEMBERS', key('rooms:' .. node))) do
  local record = redis.call('HGET', key('rooms'), room)
  local owner, token = owner_of(record)
  owned[#owned + 1] = room
  owned[#owned + 1] = whole(token)
end
return owned
