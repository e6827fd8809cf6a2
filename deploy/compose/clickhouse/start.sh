#!/bin/bash
# Hands the users' passwords from the mounted secrets to users.xml, and becomes the server.
set -euo pipefail
secret() { tr -d '\r\n' < "/run/secrets/clickhouse_$1_password"; }
MILLRACE_WRITER_PASSWORD=$(secret writer)
MILLRACE_API_PASSWORD=$(secret api)
MILLRACE_READER_PASSWORD=$(secret reader)
export MILLRACE_WRITER_PASSWORD MILLRACE_API_PASSWORD MILLRACE_READER_PASSWORD CLICKHOUSE_WATCHDOG_ENABLE=0
exec /usr/bin/clickhouse-server --config-file=/etc/clickhouse-server/config.xml
