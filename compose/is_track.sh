#!/usr/bin/env bash
# Refuses a TRACK that has no file, with those that have one, before anything is installed: is_track.sh NAME
set -euo pipefail
cd "$(dirname "$0")/tracks"
# `make demo` runs demo.yaml, in a place of its own
files=(); for file in *.yaml; do [ "$file" = demo.yaml ] || files+=("${file%.yaml}"); done
for name in "${files[@]}"; do [ "$name" = "${1:-}" ] && exit 0; done
if [ -z "${1:-}" ]; then printf 'error: which track?' >&2; else printf 'error: there is no track %q;' "$1" >&2; fi
printf ' write make demo-full TRACK=NAME with one of: %s\n' "${files[*]}" >&2
exit 2
