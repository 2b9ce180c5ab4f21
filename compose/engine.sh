#!/usr/bin/env bash
# A Docker Engine that answers: the one that is there, else the distribution's docker.io, installed and started.
# Quick when nothing is to be done, and never a second daemon beside one that answers.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$PWD/var/log/dockerd.log
say() { printf 'engine: %s\n' "$*" >&2; }
answers() { timeout 10 docker info --format '{{.ServerVersion}}' 2>/dev/null | grep -q .; }
give_up() { say "$1"; shift; for line in "$@"; do say "  $line"; done; exit 1; }

root=()
can_be_root() {
  if [ "$(id -u)" = 0 ]; then return 0; fi
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo -n); return 0; fi
  return 1
}
wait_for_answer() {
  for _ in $(seq 120); do
    if "${root[@]}" timeout 10 docker info >/dev/null 2>&1; then return 0; fi
    sleep 0.5
  done
  return 1
}

if command -v docker >/dev/null && answers; then exit 0; fi

if [ -n "${DOCKER_HOST:-}" ]; then
  give_up "the engine at DOCKER_HOST does not answer" "start it, or unset DOCKER_HOST to use one on this machine"
fi
can_be_root || give_up "no Docker Engine answers, and this user may not start one" \
  "where one runs:  sudo usermod -aG docker $(id -un)   then log in again" \
  "where none runs: sudo compose/engine.sh"

if ! "${root[@]}" timeout 10 docker info >/dev/null 2>&1; then
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
    command -v apt-get >/dev/null || give_up "no Docker Engine here and no apt-get to install one" \
      "install Docker Engine 20.10 or later, start it, and call this again"
    say "installing docker.io"
    mkdir -p var/log
    "${root[@]}" apt-get update -qq >>var/log/apt.log 2>&1 || true
    packages=(docker.io e2fsprogs iptables)
    # newer releases ship the command by itself
    if apt-cache show docker-cli >/dev/null 2>&1; then packages+=(docker-cli); fi
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${packages[@]}" >>var/log/apt.log 2>&1 \
      || give_up "apt could not install docker.io; see var/log/apt.log"
  fi
  if [ -d /run/systemd/system ]; then
    say "starting docker.service"
    "${root[@]}" systemctl start docker.service || give_up "docker.service did not start" "look: journalctl -u docker.service"
  elif ! pgrep -x dockerd >/dev/null; then
    say "starting dockerd in the background"
    mkdir -p var/log
    # its own session: it outlives this shell and is not hit by Ctrl-C
    "${root[@]}" setsid dockerd >>"$log" 2>&1 </dev/null &
    disown
  fi
  wait_for_answer || give_up "the engine did not answer within a minute" "look at the end of $log"
fi

answers || give_up "a Docker Engine runs, but this user may not talk to it" \
  "sudo usermod -aG docker $(id -un)   then log in again"
say "Docker Engine $(docker info --format '{{.ServerVersion}}')"
