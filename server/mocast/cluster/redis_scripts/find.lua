-- ARGV: now, room. Returns {token, node as JSON, rooms placed there}, or nothing.
local record = redis.call('HGET', key('rooms'), ARGV[2])
if not record then return false end
local node, token = owner_of(record)
return ownership(token, node)
