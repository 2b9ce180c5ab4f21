#!/usr/bin/env bash
# Runs a command and notes its seconds for a demo's closing table: timed.sh FILE NAME COMMAND ...
set -euo pipefail
file=$1 name=$2; shift 2
mkdir -p "$(dirname "$file")"
start=$(date +%s.%N)
"$@"
printf '%s\t%s\n' "$name" "$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')" >>"$file"
