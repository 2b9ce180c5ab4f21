#!/usr/bin/env bash
# Runs a command and notes its seconds for the demo's closing table: timed.sh NAME COMMAND ...
set -euo pipefail
name=$1; shift
mkdir -p var/demo
start=$(date +%s.%N)
"$@"
printf '%s\t%s\n' "$name" "$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')" >>var/demo/steps.tsv
