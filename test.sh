#!/usr/bin/env bash
# Runs every test. As root on Debian it installs missing programs. Otherwise a test without its program is skipped with a reason, or
# fails if CI=true. The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")"

# The tests start many short processes, for which profile-guided optimization costs more time than it saves.
export DOTNET_TieredPGO=0

# This script never uses a real Supabase project. docs/supabase.md has the command for tests against one.
unset SUPABASE_URL SUPABASE_ANON_KEY SUPABASE_SERVICE_ROLE_KEY

passed=0 failed=0 skipped=0 failures=()
results=$(mktemp -d)
background=()

# Ends the background jobs that still run, for example after Ctrl+C. Each job is a process group, so that its processes end with it.
clean_up() {
  local job
  for job in "${background[@]}"; do
    kill -- "-$job" 2>/dev/null
  done
  rm -rf "$results"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

note() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }

# Prints and counts a failure. finish prints it again, because a log may be cut to its end.
fail() {
  echo "FAILED: $*"
  failed=$((failed + 1))
  failures+=("$*")
}

# Runs a step that counts as one test. It passes if its exit code is the expected one.
expect() {
  local code=$1 name=$2
  shift 2
  note "$name"
  "$@"
  local got=$?
  if [ "$got" -eq "$code" ]; then
    passed=$((passed + 1))
  else
    fail "$name exited with $got, not $code"
  fi
}

# Reports a missing requirement: a failure on CI, otherwise a skipped test with a reason.
report_missing() {
  if [ "${CI:-}" = true ]; then
    fail "$*"
  else
    echo "SKIPPED: $*"
    skipped=$((skipped + 1))
  fi
}

finish() {
  if [ ${#failures[@]} -gt 0 ]; then
    printf '\nFailures:\n'
    printf '  %s\n' "${failures[@]}"
  fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# Prints the name of each failed test of an NUnit report, with the first lines of its message and the first line of its stack trace that
# names a source file.
list_failed_tests() {
  awk '
    /<UnitTestResult [^>]*outcome="Failed"/ {
      match($0, /testName="[^"]*"/)
      print decode(substr($0, RSTART + 10, RLENGTH - 11))
      inside = 1
    }
    inside && sub(/.*<Message>/, "") { message = 8 }
    message > 0 {
      ended = sub(/<\/Message>.*/, "")
      print "    " decode($0)
      message = ended ? 0 : message - 1
    }
    inside && /<StackTrace>/ { stack = 1 }
    stack && /\.cs:line / { print "    " decode($0); stack = 0 }
    /<\/UnitTestResult>/ { inside = message = stack = 0 }
    function decode(text) {
      gsub(/<[^>]*>/, "", text); gsub(/&#xD;/, "", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&amp;/, "\\&", text)
      sub(/^ +/, "", text)
      return text
    }' "$1"
}

install_missing() {
  local missing=()
  command -v chromium >/dev/null || [ -n "${CHROMIUM_PATH:-}" ] || missing+=(chromium)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  command -v curl >/dev/null || missing+=(curl)
  command -v python3 >/dev/null || missing+=(python3)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ -x /usr/lib/postgresql/15/bin/initdb ] || missing+=(postgresql-15)
  [ -f /usr/share/postgresql/15/extension/plpgsql_check.control ] || missing+=(postgresql-15-plpgsql-check)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -eq 0 ] && [ -f /etc/debian_version ]; then
    note "Installing ${missing[*]}"
    {
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    } >"$results/apt.log" 2>&1 || { echo "apt-get could not install ${missing[*]}:"; tail -5 "$results/apt.log"; }
  fi
}

if ! command -v dotnet >/dev/null; then
  fail "The .NET 10 SDK is missing: 'dotnet' is not on the PATH."
  finish
fi

install_missing

note "Build"
if ! dotnet build SessionRecovery.sln --nologo --verbosity quiet; then
  fail "the solution does not build"
  finish
fi
passed=$((passed + 1))

# Runs Node's test runner in folders with a package.json. It runs concurrently with NUnit, whose tests need the npm packages. Its counts
# are added to the total.
node_folders=() node_names=() node_jobs=()

start_node_tests() { # start_node_tests <folder> <name> <npm packages: optional | required>
  if ! command -v node >/dev/null; then
    report_missing "$2 needs node 20 or later"
    return
  fi
  if ! command -v npm >/dev/null || ! (cd "$1" && npm ci --silent --no-audit --no-fund); then
    report_missing "npm could not install the packages of '$2'"
    [ "$3" = optional ] || return
  fi
  set -m
  (cd "$1" && exec node --test) >"$results/node-$(basename "$1").txt" 2>&1 &
  set +m
  node_folders+=("$1") node_names+=("$2") node_jobs+=($!) background+=($!)
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
    local node_passed=$(node_count pass) node_failed=$(node_count fail)
    local node_canceled=$(node_count cancelled) node_skipped=$(node_count skipped)
    if [ -z "$node_passed" ] || [ "$node_passed" -eq 0 ]; then
      fail "${node_names[$i]}: node ran no test"
      tail -20 "$output"
    else
      passed=$((passed + node_passed)) failed=$((failed + node_failed + node_canceled)) skipped=$((skipped + node_skipped))
      mapfile -t -O "${#failures[@]}" failures < <(sed -nE 's/^\s*(not ok [0-9]+ - |✖ )/'"${node_names[$i]}"': /p' "$output")

      # A failure outside a test, for example in a hook, is not counted.
      if [ "$code" -ne 0 ] && [ $((node_failed + node_canceled)) -eq 0 ]; then
        fail "${node_names[$i]}: node exited with $code although every counted test passed"
      fi
    fi
  done
}

note "Installing npm packages"
start_node_tests tests/browser-module "Browser module" optional
start_node_tests tests/supabase-js "Supabase's official client against the stand-in" required

note "NUnit"
dotnet test SessionRecovery.sln --no-build --nologo --verbosity quiet --logger trx --results-directory "$results" \
  --blame-hang-timeout 4min --logger "console;verbosity=minimal"
nunit=$?
projects=$(ls tests/*/*.csproj | xargs grep -l Microsoft.NET.Test.Sdk | wc -l)
failed_before=$failed
reports=$(ls "$results"/*.trx 2>/dev/null | wc -l)
if [ "$reports" -ne "$projects" ]; then
  fail "$projects test projects gave $reports reports"
fi
for report in "$results"/*.trx; do
  [ -f "$report" ] || continue
  counters=$(grep -o '<Counters [^>]*>' "$report")
  count() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$counters"; }
  passed=$((passed + $(count passed)))
  failed=$((failed + $(count total) - $(count passed) - ($(count total) - $(count executed))))
  skipped=$((skipped + $(count total) - $(count executed)))
  mapfile -t -O "${#failures[@]}" failures < <(list_failed_tests "$report")
done

# A crashed test host and a failed tear-down of a fixture are not counted as failed tests.
if [ "$nunit" -ne 0 ] && [ "$failed" -eq "$failed_before" ]; then
  fail "dotnet test exited with $nunit although every reported test passed"
fi

finish_node_tests

# The check of the packages builds the Release configuration, so it can run concurrently with the drills, which use the Debug build.
set -m
bash tests/PackageSmoke/run.sh >"$results/packages.txt" 2>&1 &
set +m
packages_job=$!
background+=($!)

drill=(dotnet run --no-build --project samples/RestartDrill --)
expect 0 "Drill: kill the server without losing data" "${drill[@]}" --kills 3 --seed 1
expect 1 "Drill: detect a client that repeats with a new key" "${drill[@]}" --kills 3 --seed 1 --fault new-key-on-repeat
expect 64 "Drill: audit of a missing database" "${drill[@]}" --audit "$results/missing.db"
expect 0 "Drill: deploy the next version under load" "${drill[@]}" --deploy 2 --seed 1
expect 0 "Drill: kill at named points" "${drill[@]}" --points 1
expect 0 "Drill on Supabase: kill the server, the services and PostgreSQL" "${drill[@]}" --kills 4 --seed 1 --supabase
finish_packages() {
  wait "$packages_job"
  local code=$?
  cat "$results/packages.txt"
  return "$code"
}
expect 0 "Packages: a new web app outside the repository" finish_packages

finish
