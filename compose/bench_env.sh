#!/usr/bin/env bash
# The peers that our numbers and times are compared with, in an environment of their own: var/bench/venv sees .venv and
# adds to it, so that neither their licences (cripser is GPL) nor their pins (panoptica's) reach the project's own.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=var/bench/venv
stamp=$(cat compose/bench_env.sh compose/bench-requirements.txt | sha256sum | cut -c1-16)
[ "$(cat $venv/.assay-bench 2>/dev/null)" = "$stamp" ] && exit 0
rm -rf $venv
.venv/bin/python -m venv $venv
site=$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' >"$site/project.pth"
printf '%s\n' "$PWD" "$PWD/platform" "$PWD/submissions" >>"$site/project.pth"
$venv/bin/python -m pip install -q --disable-pip-version-check -r compose/bench-requirements.txt
echo "$stamp" >$venv/.assay-bench
