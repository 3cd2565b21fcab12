#!/bin/sh
# Two edges; Ctrl-C ends both.
cd "$(dirname "$0")/../.." || exit 1
trap 'kill 0' INT TERM EXIT
node dist/src/cli/main.js serve --edge --nats nats://edge-1:change-me-edge-1@127.0.0.1:4222 --listen localhost:8081 &
node dist/src/cli/main.js serve --edge --nats nats://edge-2:change-me-edge-2@127.0.0.1:4222 --listen localhost:8082 &
wait
