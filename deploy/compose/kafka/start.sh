#!/bin/bash
# Formats the storage once, with the cluster's id and the one user, and becomes the broker.
set -euo pipefail
properties=/etc/millrace/server.properties
password=$(tr -d '\r\n' < /run/secrets/kafka_password)
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$properties" \
  --add-scram "SCRAM-SHA-512=[name=millrace,password=$password]"
exec /opt/kafka/bin/kafka-server-start.sh "$properties"
