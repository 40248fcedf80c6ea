#!/usr/bin/env bash
# Runs the full-size drills, which take minutes. Prints each command. The exit code is not 0 if a drill failed, or if a program that it
# needs is missing: ./test.sh installs PostgreSQL, Chromium and node.
#   ./drills.sh [kills]     how often each drill kills the server (default 100); it deploys 10 times, and kills 20 times at each named point
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
kills=${1:-100}
passed=0 failed=0

expect() { # expect <exit code> <command…>
  local expected=$1
  shift
  echo "== $* (expected exit code $expected)"
  "$@"
  local code=$?
  if ((code == expected)); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "== exited with $code, not $expected"
  fi
}

echo "== dotnet build samples/RestartDrill -c Release"
dotnet build samples/RestartDrill -c Release --nologo -v quiet || exit 1
drill=(dotnet samples/RestartDrill/bin/Release/net10.0/RestartDrill.dll)

expect 0 "${drill[@]}" --kills "$kills" --seed 1
expect 1 "${drill[@]}" --kills 10 --seed 2 --fault new-key-on-repeat
expect 0 "${drill[@]}" --kills "$kills" --seed 1 --supabase
expect 0 "${drill[@]}" --deploy 10 --seed 1
expect 0 "${drill[@]}" --deploy 10 --seed 1 --supabase
expect 0 "${drill[@]}" --points 20
expect 0 "${drill[@]}" --points 20 --supabase
expect 1 "${drill[@]}" --points 1 --fault charge-twice
expect 0 npm ci --prefix tests/supabase-js --silent --no-audit --no-fund

# With CI=true a missing program is a failure instead of a skipped test.
expect 0 env CI=true REFRESH_ROUNDS=100 REFRESH_BROWSERS=20 \
  dotnet test tests/SessionRecovery.BrowserTests -c Release --nologo --filter "FullyQualifiedName~OfficialClientTests"
expect 64 "${drill[@]}" --kills many
expect 64 "${drill[@]}" --deploy none
expect 64 "${drill[@]}" --points none

echo "$passed passed, $failed failed, 0 skipped"
((failed == 0))
