#!/usr/bin/env bash
# Puts faults into a copy of the last commit, one at a time, and checks that a test catches each of them. Takes about 15 minutes.
#   tests/Mutations/run.sh [name…]     the faults to check (default: all)
# Each fault is a file <name>.patch. Its first lines describe it, and the rest is the change:
#   Fault: what the changed code does wrong
#   Project: the test project
#   Test: the name of a test that fails
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
patches=$PWD
[ $# -gt 0 ] && names=("$@") || mapfile -t names < <(basename -s .patch -- *.patch)

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git clone --quiet "$(git rev-parse --show-toplevel)" "$copy" && cd "$copy" || exit 1

field() { sed -n "s/^$2: //p" "$patches/$1.patch"; }

# Builds the test project of a fault and runs its test.
run_test() {
  dotnet build "tests/$1" --nologo --verbosity quiet >output.txt || { cat output.txt; return 2; }
  dotnet test "tests/$1" --no-build --nologo --logger "console;verbosity=minimal" --filter "Name~$2" >output.txt 2>&1
}

caught=0 failed=0
report() {
  echo "$1  $2"
  failed=$((failed + 1))
}

for name in "${names[@]}"; do
  project=$(field "$name" Project) test=$(field "$name" Test)
  git checkout --quiet . || exit 1
  if ! git apply "$patches/$name.patch"; then
    report "stale    " "$name: the patch does not fit the code"
    continue
  fi

  run_test "$project" "$test"
  case $? in
    0) report "NOT CAUGHT" "$name: $(field "$name" Fault)" ;;
    2) report "NOT BUILT " "$name" ;;
    *)
      if grep -q "^  Failed $test" output.txt; then
        echo "caught     $name by $test"
        caught=$((caught + 1))
      else
        report "NOT CAUGHT" "$name: $test did not fail by itself"
        tail -5 output.txt
      fi
      ;;
  esac
done

# The same tests must pass without a fault.
git checkout --quiet .
for project in $(for name in "${names[@]}"; do field "$name" Project; done | sort -u); do
  tests=$(for name in "${names[@]}"; do
    [ "$(field "$name" Project)" = "$project" ] && field "$name" Test
  done | sort -u | paste -sd'|' | sed 's/|/|Name~/g')
  if ! run_test "$project" "$tests"; then
    report "RED      " "a test of $project fails without a fault"
    tail -20 output.txt
  fi
done

echo "$caught caught, $failed failed"
[ "$failed" -eq 0 ]
