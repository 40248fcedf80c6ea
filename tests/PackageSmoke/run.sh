#!/usr/bin/env bash
# Packs all packages, checks their content, and uses the packages in a new web app outside the repository. The script runs the app in the
# Production environment, first from the build output and then after publishing. The last line of the output is "N passed, N failed, N
# skipped".
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/package-smoke-XXXXXX")
packages=(
  SessionRecovery SessionRecovery.AspNetCore SessionRecovery.Sqlite
  SessionRecovery.Supabase SessionRecovery.Supabase.AspNetCore SessionRecovery.Testing)
version="0.1.0-smoke.$(date +%s)"
passed=0 failed=0 skipped=0 server=

cleanup() {
  [[ -n $server ]] && kill -9 "$server" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

check() { # check <sentence> <command…>
  local sentence=$1
  shift
  if "$@" >/dev/null 2>&1; then
    passed=$((passed + 1)); echo "ok    $sentence"
  else
    failed=$((failed + 1)); echo "FAIL  $sentence"
  fi
}

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0)) && exit 0
  exit 1
}

must() { # must <log> <command…>: a step that all later steps need
  local log="$work/$1.log"
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -20 "$log"
    failed=$((failed + 1)); echo "FAIL  $*"
    finish
  fi
}

check_package() {
  local name=$1 folder="$work/unpacked/$1"
  mkdir -p "$folder"
  (cd "$folder" && python3 -m zipfile -e "$work/packages/$name.$version.nupkg" .)
  check "$name: contains a README" test "$(wc -c <"$folder/README.md")" -gt 200
  check "$name: its license is MIT" grep -q '<license type="expression">MIT</license>' "$folder/$name.nuspec"
  check "$name: points to its README" grep -q '<readme>README.md</readme>' "$folder/$name.nuspec"
  check "$name: has its own description" bash -c "! grep -q '<description>Package Description</description>' '$folder/$name.nuspec'"
  check "$name: an assembly for net10.0" test -s "$folder/lib/net10.0/$name.dll"
  check "$name: XML documentation" grep -q '<member name="T:' "$folder/lib/net10.0/$name.xml"
  check "$name: contains no path of the build machine" bash -c "! grep -rqaF '$root' '$folder'"
}

module="$root/src/SessionRecovery.AspNetCore/Browser"

# The entry file of the browser module imports the other files from a URL that contains a hash.
module_hash() { sed -n "s#.*'\./session-recovery/\([0-9a-f]\{16\}\)/session\.js'.*#\1#p" "$1"; }

is_entry() { # is_entry <served entry>
  cmp <(sed "s#'\./session-recovery/$(module_hash "$1")/#'./session-recovery/#" "$1") "$module/session-recovery.js"
}

are_parts() { # are_parts <served entry> <address of its folder>
  local hash file
  hash=$(module_hash "$1")
  (cd "$module/session-recovery" && find . -name '*.js' -printf '%P\n') >"$work/parts" && test -s "$work/parts" || return 1
  while read -r file; do
    curl -sf --compressed -o "$work/part" "$2/session-recovery/$hash/$file" \
      && cmp "$work/part" "$module/session-recovery/$file" || return 1
  done <"$work/parts"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

check_app() { # check_app <label> <dll>
  local label=$1 dll=$2 port address token headers="$work/headers" body="$work/body" status tag
  port=$(free_port)
  address="http://127.0.0.1:$port"
  (
    cd "$(dirname "$dll")" \
      && exec env ASPNETCORE_ENVIRONMENT=Production dotnet "$dll" --urls "$address" --Database "$work/$label.db"
  ) >"$work/$label.log" 2>&1 &
  server=$!
  for _ in $(seq 150); do
    curl -s -o /dev/null "$address/session/session-recovery.js" && break
    sleep 0.1
  done

  status=$(curl -s -D "$headers" -o "$body" -w '%{http_code}' "$address/session/session-recovery.js")
  check "$label: the module returns 200" test "$status" = 200
  check "$label: its body is the entry of this repository" is_entry "$body"
  check "$label: its imported parts are those of this repository" are_parts "$body" "$address/session"
  check "$label: its content type is JavaScript" grep -qi '^content-type: text/javascript' "$headers"
  tag=$(sed -n 's/^etag: *//Ip' "$headers" | tr -d '\r')
  check "$label: it has an ETag" test -n "$tag"
  status=$(curl -s -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" "$address/session/session-recovery.js")
  check "$label: with that ETag it returns 304" test "$status" = 304

  status=$(curl -s -D "$headers" -o "$body" -w '%{http_code}' "$address/auth/credits")
  check "$label: without a token /auth/credits returns 401" test "$status" = 401
  check "$label: the 401 response has a problem code" grep -q '"code":"unauthenticated"' "$body"
  check "$label: the 401 response has the epoch header" grep -qi '^session-epoch: .' "$headers"

  token=$(curl -s -X POST "$address/sign-in/ada" | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
  check "$label: a user signs in" test -n "$token"
  status=$(curl -s -D "$headers" -o "$body" -w '%{http_code}' -H "Authorization: Bearer $token" "$address/auth/credits")
  check "$label: for a signed-in user /auth/credits returns 200" test "$status" = 200
  check "$label: the user has 100 credits" grep -q '"success":true,"credits":100,' "$body"
  check "$label: the balance has a version" grep -qi '^credits-version: .*\.[0-9]' "$headers"

  kill -9 "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  server=
}

for name in "${packages[@]}"; do
  must "pack-$name" env CI=true dotnet pack "$root/src/$name" -c Release -o "$work/packages" -p:Version="$version" --nologo
done
for name in "${packages[@]}"; do
  check_package "$name"
done

# The package must contain the SQL files and the pages to which error messages refer.
supabase="$work/unpacked/SessionRecovery.Supabase"
for folder in Migrations Contract Optional Leaving; do
  for file in "$root/src/SessionRecovery.Supabase/$folder"/*.sql; do
    check "SessionRecovery.Supabase: $(basename "$file")" cmp "$file" "$supabase/supabase/${folder,,}/$(basename "$file")"
  done
done
for page in supabase leaving credits-contract http; do
  check "SessionRecovery.Supabase: docs/$page.md" cmp "$root/docs/$page.md" "$supabase/docs/$page.md"
done

# The app has its own packages folder, so that it uses no package of an earlier run. All other packages come from the global folder.
cp -r "$here/app" "$work/app"
global=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: *//')
settings=(
  -p:SmokeVersion="$version" -p:RestorePackagesPath="$work/restored" -p:RestoreFallbackFolders="$global" -p:NuGetAudit=false --nologo)
must build dotnet build "$work/app" -c Release "${settings[@]}"
check "the app uses the packages of this run" test -d "$work/restored/sessionrecovery.aspnetcore/$version"
must publish dotnet publish "$work/app" -c Release -o "$work/published" "${settings[@]}"
check_app unpublished "$work/app/bin/Release/net10.0/SmokeApp.dll"
check_app published "$work/published/SmokeApp.dll"
finish
