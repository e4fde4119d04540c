#!/bin/sh
# Installs KiCad 9 for the board and its checks: Debian 12 from its backports, Debian 13 as it is. Wants root.
set -eu
. "$(dirname "$0")/common.sh"

version=$(kicad-cli version 2>/dev/null || true)
case $version in
9.*) ;;
*)
    need_root "KiCad 9"
    source=/etc/apt/sources.list.d/lkjam-backports.list
    from=''
    if [ "$(codename)" = bookworm ]; then
        echo "deb $(archive) bookworm-backports main" >"$source"
        from=/bookworm-backports
    fi
    # Not apt's -t: that would take graphics libraries from there too, and then others do not fit.
    install_packages "kicad$from" "kicad-symbols$from" "kicad-footprints$from"
    ;;
esac
need pdftoppm poppler-utils
need rsvg-convert librsvg2-bin
python3 -c 'import sys; sys.path.append("/usr/lib/python3/dist-packages"); import pcbnew' 2>/dev/null ||
    fail "pcbnew does not load in $(python3 --version): KiCad's own Python is $(/usr/bin/python3 --version)"
