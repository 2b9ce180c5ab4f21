#!/usr/bin/env bash
# An environment beside the project's own: var/NAME/venv sees .venv and adds compose/NAME-requirements.txt.
#   bench   the peers that our numbers and times are compared with: neither their licences (cripser is GPL) nor their pins
#           (panoptica's) reach .venv
#   fuzz    atheris
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?bench or fuzz}
venv=var/$name/venv
stamp=$(cat compose/side_env.sh "compose/$name-requirements.txt" | sha256sum | cut -c1-16)
[ "$(cat "$venv/.assay-$name" 2>/dev/null)" = "$stamp" ] && exit 0
rm -rf "$venv"
.venv/bin/python -m venv "$venv"
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' >"$site/project.pth"
printf '%s\n' "$PWD" "$PWD/platform" "$PWD/submissions" >>"$site/project.pth"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -r "compose/$name-requirements.txt"
echo "$stamp" >"$venv/.assay-$name"
