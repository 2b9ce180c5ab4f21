#!/usr/bin/env bash
# Refuses a baseline that has no training, with those that have one, before anything is installed: is_trained.sh NAME
set -euo pipefail
cd "$(dirname "$0")/../baselines"
names=(); for file in */train.py; do names+=("${file%/train.py}"); done
for name in "${names[@]}"; do [ "$name" = "${1:-}" ] && exit 0; done
if [ -z "${1:-}" ]; then printf 'error: which baseline?' >&2; else printf 'error: %q is no baseline that is trained;' "$1" >&2; fi
printf ' write make baseline NAME=NAME with one of: %s\n' "${names[*]}" >&2
exit 2
