#!/bin/sh
# Installs the box as a service: units, user, device rules, first options.
#
#   sudo sh systemd/install.sh [--dry-run] [--uninstall] [--prefix DIR] [--root DIR]
#
# --prefix  where the box's Python environment is (default /opt/lkjam-box)
# --root    a root filesystem that is being built, instead of this machine (or DESTDIR);
#           nothing in it is run
#
# May be run again at any time: what is there is brought up to date, options are kept.
set -eu

UNITS="lkjam-box.service lkjam-box-tune.service lkjam-box-splash.service"
USERS=lkjam-box.sysusers.conf RULES=60-lkjam-box.rules OPTIONS=/etc/lkjam-box.yaml
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
SAMPLE=$HERE/../docs/lkjam-box.sample.yaml
root=${DESTDIR:-} prefix=/opt/lkjam-box dry='' uninstall=''

fail() {
    echo "install.sh: $1" >&2
    exit 2
}

needs_value() { [ $# -ge 2 ] || fail "$1: a folder must follow"; }

while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --uninstall) uninstall=1 ;;
    --root) needs_value "$@"; root=$2; shift ;;
    --prefix) needs_value "$@"; prefix=$2; shift ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' "$0"; exit 0 ;;
    *) fail "$1: unknown; allowed: --dry-run --uninstall --prefix DIR --root DIR" ;;
    esac
    shift
done
root=${root%/}
case $prefix in /*) ;; *) fail "--prefix $prefix: must begin with /" ;; esac
[ -z "$root" ] || [ -d "$root" ] || fail "--root $root: no such folder"
[ -n "$dry" ] || [ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "not root: run it with sudo"

# Is systemd at work here, and is it this machine that is meant?
running() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

do_it() {
    echo "  $*"
    [ -n "$dry" ] || "$@" || fail "failed: $*"
}

# put FILE TARGET: with the environment's place filled in; says so only when that changes it.
put() {
    new=$(sed "s#/opt/lkjam-box#$prefix#g" "$1")
    if [ -f "$root$2" ] && [ "$new" = "$(cat "$root$2")" ]; then return; fi
    echo "  write $root$2"
    [ -z "$dry" ] || return 0
    mkdir -p "$(dirname "$root$2")"
    printf '%s\n' "$new" >"$root$2.new"
    chmod 644 "$root$2.new"
    mv "$root$2.new" "$root$2"
}

remove() {
    if [ -e "$root$1" ] || [ -L "$root$1" ]; then do_it rm -f "$root$1"; fi
}

wanted_by() { sed -n 's/^WantedBy=//p' "$HERE/$1"; }

if [ -n "$uninstall" ]; then
    # shellcheck disable=SC2086
    if running; then do_it systemctl disable --now $UNITS; fi
    for unit in $UNITS; do
        remove "/etc/systemd/system/$(wanted_by "$unit").wants/$unit"
        remove "/etc/systemd/system/$unit"
    done
    remove "/etc/sysusers.d/lkjam-box.conf"
    remove "/etc/udev/rules.d/$RULES"
    if running; then do_it systemctl daemon-reload; fi
    echo "removed; left: $OPTIONS, /var/lib/lkjam-box and the user lkjam"
    exit 0
fi

if [ ! -x "$root$prefix/bin/lkjam-box" ]; then
    missing="no $root$prefix/bin/lkjam-box: python3 -m venv $prefix && $prefix/bin/pip install '.[box]'"
    if [ -n "$root$dry" ]; then echo "install.sh: still to come: $missing" >&2; else fail "$missing"; fi
fi

for unit in $UNITS; do put "$HERE/$unit" "/etc/systemd/system/$unit"; done
put "$HERE/$USERS" "/etc/sysusers.d/lkjam-box.conf"
put "$HERE/$RULES" "/etc/udev/rules.d/$RULES"
if [ ! -e "$root$OPTIONS" ]; then
    [ -f "$SAMPLE" ] || fail "no $SAMPLE: run it from a checkout"
    put "$SAMPLE" "$OPTIONS"
fi

if grep -q '^lkjam:' "$root/etc/passwd" 2>/dev/null; then :; else
    command -v systemd-sysusers >/dev/null || fail "no systemd-sysusers: apt install systemd"
    do_it systemd-sysusers ${root:+"--root=$root"} "$root/etc/sysusers.d/lkjam-box.conf"
fi

for unit in $UNITS; do
    wants=/etc/systemd/system/$(wanted_by "$unit").wants
    if [ "$(readlink "$root$wants/$unit" 2>/dev/null)" != "../$unit" ]; then
        do_it mkdir -p "$root$wants"
        do_it ln -sf "../$unit" "$root$wants/$unit"
    fi
done

if running; then
    do_it udevadm control --reload
    do_it udevadm trigger --subsystem-match=gpio --subsystem-match=i2c-dev --subsystem-match=spidev
    do_it systemctl daemon-reload
    # shellcheck disable=SC2086
    do_it systemctl restart $UNITS
fi
echo "installed; options: $OPTIONS; how it is: systemctl status lkjam-box, lkjam-box check"
