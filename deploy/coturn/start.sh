#!/bin/sh
# Starts coturn with Mocast's address as the only one that it relays to, and with the secret that Mocast made.
# Both exist only once Mocast runs, so this waits for them. When Mocast's address changes (its container was made
# anew), it ends, and the restart policy starts it with the new one.
set -eu
secret=/var/lib/mocast/turn/secret
config=/tmp/turnserver.conf

addresses() { getent ahostsv4 "${MOCAST_NAME:-mocast}" | cut -d ' ' -f 1 | sort -u; }

echo "waiting for Mocast"
until [ -s $secret ] && [ -n "$(addresses)" ]; do sleep 1; done
peers=$(addresses)

umask 077 # a secret on the command line could be read in the list of processes
{
  cat "${0%/*}/turnserver.conf"
  for peer in $peers; do echo "allowed-peer-ip=$peer"; done
  echo "static-auth-secret=$(cat $secret)"
} >$config

echo "relaying to" $peers
turnserver -c $config &
server=$!
trap 'kill $server; wait $server; exit 0' TERM INT
while kill -0 $server 2>/dev/null; do
  sleep 5 &
  wait $! # not plain sleep: a signal would have to wait for its end
  now=$(addresses)
  if [ -n "$now" ] && [ "$now" != "$peers" ]; then
    echo "Mocast has moved to" $now
    kill $server
    break
  fi
done
wait $server
