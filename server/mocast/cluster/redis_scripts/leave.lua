-- ARGV: now, node.
if redis.call('ZSCORE', key('leases'), ARGV[2]) then forget(ARGV[2]) end
