#!/bin/sh
# Runs once, on an empty volume: a role for kbray that owns its database and is no superuser, so that nothing it is told to do reaches the
# server's files or programs. As a member of pg_read_all_data it can step down to reading, which `kbray search` and `kbray mcp` do.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$KBRAY_POSTGRES_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE kbray LOGIN PASSWORD :'password';
GRANT pg_read_all_data TO kbray;
CREATE DATABASE kbray OWNER kbray;
\connect kbray
CREATE EXTENSION vector;
SQL
