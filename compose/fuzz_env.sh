#!/usr/bin/env bash
# atheris, in an environment of its own: var/fuzz/venv sees .venv and adds to it.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=var/fuzz/venv
stamp=$(cat compose/fuzz_env.sh compose/fuzz-requirements.txt | sha256sum | cut -c1-16)
[ "$(cat $venv/.assay-fuzz 2>/dev/null)" = "$stamp" ] && exit 0
rm -rf $venv
.venv/bin/python -m venv $venv
site=$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' >"$site/project.pth"
printf '%s\n' "$PWD" "$PWD/platform" "$PWD/submissions" >>"$site/project.pth"
$venv/bin/python -m pip install -q --disable-pip-version-check -r compose/fuzz-requirements.txt
echo "$stamp" >$venv/.assay-fuzz
