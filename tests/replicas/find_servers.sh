#!/bin/sh
# Has redis-server and haproxy on this machine, or says that they are not to be had: installs Debian's packages where
# they are missing and it may. Debian would start them as services, and here only tests do.
set -eu
PATH="$PATH:/usr/sbin:/usr/local/sbin"

find_them() { command -v redis-server >/dev/null && command -v haproxy >/dev/null; }

find_them && exit 0
if command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d # asked before a service is started; containers have one that says no
    if [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null; then
        trap '$as_root rm -f "$policy"' EXIT
        $as_root chmod +x "$policy" || true
    fi
    $as_root apt-get update -qq >&2 &&
        $as_root apt-get install -qq --no-install-recommends redis-server haproxy >&2 || true
fi
find_them && exit 0
echo "Replicas are not tested: that needs redis-server and haproxy, which are not here and could not be installed." >&2
exit 1
