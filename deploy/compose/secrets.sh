#!/bin/sh
# Makes the secrets that are missing, each a file in `secrets/` beside this one. Nothing that is there is changed.
set -eu
cd "$(dirname "$0")/secrets"
# The containers' users differ from yours, so the files are readable and the folder is not.
chmod 700 .
umask 022
for name in jwt_secret kafka_password clickhouse_writer_password clickhouse_api_password clickhouse_reader_password \
  grafana_admin_password; do
  [ -s "$name" ] || od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$name"
done
# The same password in the form that Java's clients read, such as the registry.
module=org.apache.kafka.common.security.scram.ScramLoginModule
printf 'KafkaClient { %s required username="millrace" password="%s"; };\n' "$module" "$(cat kafka_password)" \
  > kafka_client_jaas
