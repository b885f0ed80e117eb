-- ARGV: now, room. Returns {token, node as JSON, rooms placed there}, or nothing.
local record = redis.call('HGET', key('rooms'), ARGV[2])
if not record then return false end
local node, token = owner_of(record)
local found = ownership(token, node)
return found[2] and found -- a replica that became the primary may lack the node
