#!/bin/sh
# Starts coturn with Mocast's addresses as the only ones that it relays to, and with the secret that it shares with Mocast.
# MOCAST_PEERS says them, as coturn's allowed-peer-ip does. Without it, they are what MOCAST_NAME resolves to. Secret and
# addresses exist only once Mocast runs, so this waits for them. When Mocast gets another address (a container was made
# anew), it ends, and the restart policy starts it with the new one; an address that is gone does no harm.
set -eu
secret=/var/lib/mocast/turn/secret
config=/tmp/turnserver.conf

addresses() { getent ahostsv4 "${MOCAST_NAME:-mocast}" | cut -d ' ' -f 1 | sort -u; }
peers() { if [ -n "${MOCAST_PEERS:-}" ]; then echo "$MOCAST_PEERS"; else addresses; fi; }

echo "waiting for Mocast"
until [ -s $secret ] && [ -n "$(peers)" ]; do sleep 1; done
peers=$(peers)

umask 077 # a secret on the command line could be read in the list of processes
{
  cat "${0%/*}/turnserver.conf"
  echo "total-quota=${TOTAL_QUOTA:-100}"
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
  for now in $(peers); do
    case " $(echo $peers) " in *" $now "*) continue ;; esac
    echo "Mocast has got the address $now"
    kill $server
    break
  done
done
wait $server
