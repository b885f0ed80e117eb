#!/bin/sh
# Starts nginx with the container's own name server, which it asks for the nodes' addresses as long as it runs. The first
# one alone: others know nothing of containers.
set -eu
awk '$1 == "nameserver" { print "resolver " ($2 ~ /:/ ? "[" $2 "]" : $2) " valid=2s ipv6=off;"; exit }' \
  /etc/resolv.conf >/tmp/resolver.conf
exec nginx -e stderr -c "${0%/*}/nginx.conf"
