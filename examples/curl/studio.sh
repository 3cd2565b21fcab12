#!/usr/bin/env bash
# Reads the studio, lights an LED, follows its log. Usage: GATEWAY=http://studio-gw:8080 TOKEN=… ./studio.sh
set -euo pipefail
gateway=${GATEWAY:-http://127.0.0.1:8080}
headers=(-H 'content-type: application/json')
if [ -n "${TOKEN:-}" ]; then headers+=(-H "authorization: Bearer $TOKEN"); fi

ask() { curl -sS --fail-with-body "${headers[@]}" "$@"; }

ask "$gateway/v1/devices"
echo
ask "$gateway/v1/devices/1/name"
echo

# 204: done, without an answer.
ask -X PUT "$gateway/v1/devices/2/leds/RingLed/color" -d '{"Red":255,"Green":96,"Blue":0}'

# What fails says in `outcome` whether the command may have run. This one was refused: there is no device 99.
ask "$gateway/v1/devices/99/name" || echo

# Events for three seconds; curl ends with 28 when the time is over. Last-Event-ID resumes where it stopped.
ask -N --max-time 3 "$gateway/v1/events?channel=Logs/*&channel=devices/*/DeviceLogs/*" || [ $? -eq 28 ]
