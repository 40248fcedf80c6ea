#!/usr/bin/env bash
# Mutation testing of the credits of the core (src/SessionRecovery/Credits) with Stryker.NET, in a copy of the last commit.
#   tests/Mutations/stryker.sh [option…]     further options of dotnet-stryker, for example --verbosity debug
# Prints each file with its mutants and the score. The exit code is 1 if the score is below thresholds.break in stryker-config.json.
# The HTML report is artifacts/stryker/reports/mutation-report.html. Takes about 20 minutes on two cores.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(git rev-parse --show-toplevel)

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git clone --quiet "$root" "$copy" && cd "$copy/tests/Mutations" && dotnet tool restore || exit 1

# The copy is mutated, so that a canceled run leaves no mutated assemblies in the repository.
dotnet stryker --output "$root/artifacts/stryker" --skip-version-check "$@" || exit 1
