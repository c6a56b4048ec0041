#!/bin/sh
# Prints the path of a Chromium or Chrome; installs Debian's package first where there is none and it may.
set -eu

find_it() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return 0
    done
    return 1
}

find_it && exit 0
if command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq >&2 &&
        $as_root apt-get install -qq --no-install-recommends chromium fonts-dejavu-core >&2 || true
fi
find_it && exit 0
echo "The browser tests need Chromium or Chrome: install one and try again." >&2
exit 1
