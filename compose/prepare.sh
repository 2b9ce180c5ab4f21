#!/usr/bin/env bash
# Everything that must be there before a container is built: .venv and browser libraries on one side, the engine and the
# base image on the other. Side by side, since one waits for the network while the other unpacks.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p var/log
compose/engine.sh
python3 baselines/runtime/build.py --only base >var/log/base-image.log 2>&1 &
base=$!
compose/setup.sh || { kill "$base" 2>/dev/null || true; exit 1; }
wait "$base" || { tail -n 20 var/log/base-image.log >&2; exit 1; }
