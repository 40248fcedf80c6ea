#!/usr/bin/env bash
# Runs every test. As root on Debian it installs what the tests lack; elsewhere a test that lacks something is skipped with its reason,
# and with CI=true it fails. The last line says: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "$0")"

# Many short processes: what profile-guided compilation costs them they never earn back.
export DOTNET_TieredPGO=0

# Tests that could run against a project of yours do so by a command of their own (docs/supabase.md), never from here.
unset SUPABASE_URL SUPABASE_ANON_KEY SUPABASE_SERVICE_ROLE_KEY

passed=0 failed=0 skipped=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

note() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }

# A step that is one test: its exit code decides.
expect() {
  local code=$1 name=$2
  shift 2
  note "$name"
  "$@"
  local got=$?
  if [ "$got" -eq "$code" ]; then
    passed=$((passed + 1))
  else
    echo "FAILED: $name ended with $got, not $code"
    failed=$((failed + 1))
  fi
}

# What can't run here: a failure on CI, a skip with its reason elsewhere.
lacking() {
  if [ "${CI:-}" = true ]; then
    echo "FAILED: $*"
    failed=$((failed + 1))
  else
    echo "SKIPPED: $*"
    skipped=$((skipped + 1))
  fi
}

finish() {
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

install_missing() {
  local missing=()
  command -v chromium >/dev/null || [ -n "${CHROMIUM_PATH:-}" ] || missing+=(chromium)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  command -v curl >/dev/null || missing+=(curl)
  command -v python3 >/dev/null || missing+=(python3)
  [ -x /usr/lib/postgresql/15/bin/initdb ] || missing+=(postgresql-15)
  [ -f /usr/share/postgresql/15/extension/plpgsql_check.control ] || missing+=(postgresql-15-plpgsql-check)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -eq 0 ] && [ -f /etc/debian_version ]; then
    note "Installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$results/apt.log" 2>&1 \
      || { echo "apt-get could not install ${missing[*]}:"; tail -5 "$results/apt.log"; }
  fi
}

if ! command -v dotnet >/dev/null; then
  echo "The .NET 10 SDK is missing: 'dotnet' is not on the PATH."
  failed=1
  finish
fi

install_missing

note "Build"
if ! dotnet build SessionRecovery.sln --nologo --verbosity quiet; then
  echo "FAILED: the solution does not build"
  failed=1
  finish
fi
passed=$((passed + 1))

# Node's own test runner in folders with a package.json. It runs beside NUnit, which needs what npm installs here; its counts are added to ours.
node_folders=() node_names=() node_jobs=()

start_node_tests() { # start_node_tests <folder> <name> <whether it needs what npm installs: optional | required>
  if ! command -v node >/dev/null; then
    lacking "$2 needs node 20 or later"
    return
  fi
  if ! command -v npm >/dev/null || ! (cd "$1" && npm ci --silent --no-audit --no-fund); then
    lacking "npm could not install what '$2' needs"
    [ "$3" = optional ] || return
  fi
  (cd "$1" && exec node --test) >"$results/node-$(basename "$1").txt" 2>&1 &
  node_folders+=("$1") node_names+=("$2") node_jobs+=($!)
}

finish_node_tests() {
  local i output
  for i in "${!node_jobs[@]}"; do
    wait "${node_jobs[$i]}"
    local code=$?
    output="$results/node-$(basename "${node_folders[$i]}").txt"
    note "${node_names[$i]}"
    grep -E '^\s*not ok|error:' "$output"
    tail -9 "$output"
    node_count() { sed -nE "s/^[#ℹ] $1 ([0-9]+)\$/\1/p" "$output" | tail -1; }
    local node_passed=$(node_count pass) node_failed=$(node_count fail) node_cancelled=$(node_count cancelled) node_skipped=$(node_count skipped)
    if [ -z "$node_passed" ] || [ "$node_passed" -eq 0 ]; then
      echo "FAILED: node ran no test"
      tail -20 "$output"
      failed=$((failed + 1))
    else
      passed=$((passed + node_passed)) failed=$((failed + node_failed + node_cancelled)) skipped=$((skipped + node_skipped))

      # What fails beside the tests, such as a hook, is in no count.
      if [ "$code" -ne 0 ] && [ $((node_failed + node_cancelled)) -eq 0 ]; then
        echo "FAILED: node ended with $code although every test that it counts passed"
        failed=$((failed + 1))
      fi
    fi
  done
}

note "Installing what the tests in Node need"
start_node_tests tests/browser-module "Browser module" optional
start_node_tests tests/supabase-js "Supabase's own client against the stand-in" required

note "NUnit"
dotnet test SessionRecovery.sln --no-build --nologo --verbosity quiet --logger trx --results-directory "$results" \
  --blame-hang-timeout 4min --logger "console;verbosity=minimal"
nunit=$?
projects=$(ls tests/*/*.csproj | xargs grep -l Microsoft.NET.Test.Sdk | wc -l)
failed_before=$failed
reports=$(ls "$results"/*.trx 2>/dev/null | wc -l)
if [ "$reports" -ne "$projects" ]; then
  echo "FAILED: $projects test projects gave $reports reports"
  failed=$((failed + 1))
fi
for report in "$results"/*.trx; do
  [ -f "$report" ] || continue
  counters=$(grep -o '<Counters [^>]*>' "$report")
  count() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$counters"; }
  passed=$((passed + $(count passed)))
  failed=$((failed + $(count total) - $(count passed) - ($(count total) - $(count executed))))
  skipped=$((skipped + $(count total) - $(count executed)))
done

# A crashed host and a failed tear-down of a fixture fail no test of their own.
if [ "$nunit" -ne 0 ] && [ "$failed" -eq "$failed_before" ]; then
  echo "FAILED: dotnet test ended with $nunit although every test that it reports passed"
  failed=$((failed + 1))
fi

finish_node_tests

expect 0 "Drill: kill the server, lose nothing" dotnet run --no-build --project samples/RestartDrill -- --kills 3 --seed 1
expect 1 "Drill: a client that forgets its key must be caught" dotnet run --no-build --project samples/RestartDrill -- --kills 3 --seed 1 --fault new-key-on-repeat
expect 0 "Drill on Supabase: kill the server, the services and PostgreSQL" dotnet run --no-build --project samples/RestartDrill -- --kills 4 --seed 1 --supabase
expect 0 "Packages: a fresh web app outside the repository" bash tests/PackageSmoke/run.sh

finish
