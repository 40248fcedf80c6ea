#!/usr/bin/env bash
# Mutation testing of the credits of the core (src/SessionRecovery/Credits) with Stryker.NET, in a copy of the last commit.
#   tests/Mutations/stryker.sh [option…]     further options of dotnet-stryker, for example -m 'Credits/Internal/CreditEntry.cs'
# Prints the mutants of each file and the score. The exit code is 1 if the score is below thresholds.break in stryker-config.json.
# The report is artifacts/stryker/reports/mutation-report.html. Takes 20 to 40 minutes on two cores.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
output=$(git rev-parse --show-toplevel)/artifacts/stryker
rm -rf "$output"

# The copy is mutated, so that a canceled run leaves no mutated assemblies in the repository.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git clone --quiet "$(git rev-parse --show-toplevel)" "$copy" && cd "$copy/tests/Mutations" && dotnet tool restore || exit 1

code=0
dotnet stryker --output "$output" --skip-version-check "$@" || code=1
sed -nE '/^\| (File +\||Credits.*%)/ { s/\\//g; p }' "$output/reports/mutation-report.md" | cut -d'|' -f2-6
exit $code
