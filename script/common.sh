# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of this folder share; they source it. Sets `root`, the folder of the source, and goes there.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
cores=$(nproc)

say() { printf '== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Prints the usage comment at the head of the script (from its second line on) and ends.
usage() {
  sed -n '3,/^$/{/^#/s/^# \{0,1\}//p}' "$0"
  exit "${1:-0}"
}

# Runs a command as root: directly, or with sudo, which keeps the environment.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -E env "PATH=$PATH" "$@"
  else
    die "this needs root, and sudo is not installed: $*"
  fi
}

# phase NAME COMMAND...: runs it and remembers how long it took, for print_phases.
phases=()
phase() {
  local name=$1 start=$SECONDS
  shift
  say "$name"
  "$@"
  phases+=("$(printf '%-24s %3d min %02d s' "$name" $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)))")
}
print_phases() {
  say "times"
  printf '   %s\n' "${phases[@]}"
}

# The targets of the ninja build folder $1 whose names match the pattern $2.
targets() {
  ninja -C "$1" -t targets all | sed -nE "s/^($2): phony\$/\1/p"
}
