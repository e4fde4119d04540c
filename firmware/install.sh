#!/bin/sh
# Makes Raspberry Pi OS Lite (64-bit, bookworm or trixie) the box: packages, the program, its
# service, and the settings of the machine: MIDI wire, screen bus, a core of its own, no logins.
#
#   sudo sh firmware/install.sh [--dry-run] [--uninstall] [--keep-ssh] [--keep-console]
#                               [--spi] [--gadget] [--root DIR]
#
# --keep-ssh      ssh (keys only) and the network stay; else the box has neither
# --keep-console  the login on an attached screen stays
# --spi           the OLED is on SPI, not on I2C (then also panel.bus: spi in the options)
# --gadget        on a USB cable to a computer the box is a MIDI instrument and the drive LKJAM
# --root          a root filesystem that is being built; nothing in it is run
#
# May be run again at any time. What it changes it keeps as it was in /var/lib/lkjam-box-install;
# --uninstall brings every file back, byte for byte. How each setting is meant: firmware/README.md.
set -eu

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
REPO=$HERE/.. FILES=$HERE/image/files PREFIX=/opt/lkjam-box
KEEP=/var/lib/lkjam-box-install DRIVE=/var/lib/lkjam-box-drive.img
WORDS='isolcpus=managed_irq,domain,3 nohz_full=3 rcu_nocbs=3 irqaffinity=0-2'
# The driver dwc_otg without its fast interrupts, which hang a realtime kernel; others ignore it.
RT_WORDS='dwc_otg.fiq_enable=0 dwc_otg.fiq_fsm_enable=0' RT_KERNEL=kernel8_rt.img
BEGIN='# >>> lkjam_box: written by firmware/install.sh, taken out by its --uninstall'
END='# <<< lkjam_box'
SERIAL='serial-getty@ttyAMA0.service serial-getty@ttyAMA10.service serial-getty@ttyS0.service'
ALWAYS="$SERIAL hciuart.service bluetooth.service dphys-swapfile.service swap.target"
CONSOLE='getty@tty1.service autovt@.service'
NETWORK='ssh.service ssh.socket sshd.service avahi-daemon.service avahi-daemon.socket
    NetworkManager.service wpa_supplicant.service systemd-networkd.service systemd-networkd.socket
    systemd-resolved.service systemd-timesyncd.service ModemManager.service dhcpcd.service'
root=${DESTDIR:-} dry='' uninstall='' ssh='' console='' spi='' gadget='' changed=''

fail() {
    echo "install.sh: $1" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --uninstall) uninstall=1 ;;
    --keep-ssh) ssh=1 ;;
    --keep-console) console=1 ;;
    --spi) spi=1 ;;
    --gadget) gadget=1 ;;
    --root) [ $# -ge 2 ] || fail "--root: a folder must follow"; root=$2; shift ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' "$0"; exit 0 ;;
    *) fail "$1: unknown; allowed: --dry-run --uninstall --keep-ssh --keep-console --spi --gadget --root DIR" ;;
    esac
    shift
done
root=${root%/}
[ -z "$root" ] || [ -d "$root" ] || fail "--root $root: no such folder"
[ -n "$dry" ] || [ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "not root: run it with sudo"

running() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

do_it() {
    echo "  $*"
    [ -n "$dry" ] || "$@" || fail "failed: $*"
}

# --- what machine this is

boot=/boot/firmware
[ -f "$root$boot/config.txt" ] || fail "no $root$boot/config.txt: found no Raspberry Pi OS of bookworm or later"
release=$(sed -n 's/^VERSION_CODENAME=//p' "$root/etc/os-release" 2>/dev/null || true)
case $release in
bookworm) sites='' more='libasound2' ;;
trixie) sites=--system-site-packages more='libasound2t64 python3-rtmidi' ;;
*) fail "system: found '${release:-unknown}', allowed: bookworm, trixie (Raspberry Pi OS Lite, 64-bit)" ;;
esac
model=$(cat "$root/proc/device-tree/model" 2>/dev/null | tr -d '\0')
case $model in
'' ) [ -n "$root" ] || fail "model: found no Raspberry Pi here" ;; # one that is being built fits all
*'Pi 3'* | *'Pi 4'* | *'Pi 400'* | *'Compute Module 4'* | *'Pi 5'* | *'Zero 2'*) ;;
*) fail "model: found '$model', allowed: Raspberry Pi 3, 4, 5, Zero 2 W" ;;
esac
if [ -z "$root" ] && [ "$(uname -m)" != aarch64 ]; then
    fail "processor: found $(uname -m), allowed: aarch64 (the 64-bit system)"
fi

if [ -z "$uninstall" ] && grep -q '^dtoverlay=midi-uart' "$root$boot/config.txt"; then
    fail "$boot/config.txt: found dtoverlay=midi-uart..., allowed: none; take it out: the box asks for 31250 baud itself"
fi

# --- files that are changed, and kept as they were

# replace FILE: standard input becomes its contents; what it was before the first time is kept.
replace() {
    new=$(cat && echo .) # the dot keeps line ends at the end
    if [ -e "$root$1" ] && [ "$new" = "$(cat "$root$1" && echo .)" ]; then return; fi
    echo "  write $root$1"
    changed=1
    [ -z "$dry" ] || return 0
    kept=$root$KEEP$1
    mkdir -p "$(dirname "$kept")" "$(dirname "$root$1")"
    if [ ! -e "$kept.after" ]; then
        if [ -e "$root$1" ]; then cp -p "$root$1" "$kept.before"; else : >"$kept.none"; fi
    fi
    printf '%s' "${new%.}" >"$root$1.new"
    cp "$root$1.new" "$kept.after"
    mv "$root$1.new" "$root$1"
}

without_block() { sed "/^# >>> lkjam_box/,/^# <<< lkjam_box/d" "$1"; }

has_rt() { [ -f "$root$boot/$RT_KERNEL" ]; }

# board FILTER LINE...: what counts on one kind of board; empty lines are left out.
board() {
    echo "[$1]"
    shift
    for line in "$@"; do [ -z "$line" ] || echo "$line"; done
}

settings() {
    pl011='dtoverlay=disable-bt' host='' otg='' device=''
    # Realtime kernels hang on the USB driver dwc_otg, where a board's sockets hang on it.
    if has_rt; then host='dtoverlay=dwc2,dr_mode=host' otg=$host; fi
    if [ -n "$gadget" ]; then device='dtoverlay=dwc2,dr_mode=peripheral' otg='dtoverlay=dwc2,dr_mode=otg'; fi
    echo "$BEGIN"
    board all dtparam=i2c_arm=on,i2c_arm_baudrate=400000 ${spi:+dtparam=spi=on}
    if has_rt; then echo "kernel=$RT_KERNEL"; fi
    # MIDI has the PL011, GPIO 14 and 15, as /dev/ttyAMA0. No clock overlay: the box asks the
    # port for 31250 baud itself, and both together would give 25400.
    board pi3 enable_uart=1 "$pl011" "$host"
    board pi02 enable_uart=1 "$pl011" "$otg"
    board pi4 enable_uart=1 "$pl011" "$device"
    board pi5 dtparam=uart0=on "$device"
    board all
    echo "$END"
}

write_config() {
    {
        without_block "$root$boot/config.txt"
        # A last line without an end gets one; the file of before is kept anyway.
        [ -z "$(tail -c 1 "$root$boot/config.txt")" ] || echo
        settings
    } >"$tmp"
    replace "$boot/config.txt" <"$tmp"
}

# The words of the kernel: no console on the wire that MIDI needs, one core for notes alone.
write_cmdline() {
    line='' own=$WORDS
    if has_rt; then own="$WORDS $RT_WORDS"; fi
    for word in $(cat "$root$boot/cmdline.txt"); do
        case $word in
        console=serial* | console=ttyAMA* | console=ttyS*) ;;
        isolcpus=* | nohz_full=* | rcu_nocbs=* | irqaffinity=*) ;;
        *) case " $own " in *" $word "*) ;; *) line="$line$word " ;; esac ;;
        esac
    done
    echo "$line$own" >"$tmp"
    replace "$boot/cmdline.txt" <"$tmp"
}

write_names() {
    echo lkjam-box >"$tmp"
    replace /etc/hostname <"$tmp"
    if [ -f "$root/etc/hosts" ]; then
        sed 's/^127\.0\.1\.1[[:space:]].*/127.0.1.1\tlkjam-box/' "$root/etc/hosts" >"$tmp"
        replace /etc/hosts <"$tmp"
    fi
}

write_settings() {
    for file in etc/systemd/system.conf.d/lkjam-box.conf etc/systemd/journald.conf.d/lkjam-box.conf \
        etc/modules-load.d/lkjam-box.conf; do
        replace "/$file" <"$FILES/$file"
    done
    if [ -n "$ssh" ]; then
        printf '# Keys only.\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin no\n' >"$tmp"
        replace /etc/ssh/sshd_config.d/00-lkjam-box.conf <"$tmp"
    fi
}

write_drive() {
    for file in "$HERE"/drive/*.py; do replace "/usr/lib/lkjam-box/drive/${file##*/}" <"$file"; done
    for unit in lkjam-box-drive lkjam-box-gadget; do
        sed "s#^\(ExecStart=.*/drive [a-z]*\)\$#\1 $DRIVE#
             s#lkjam-box-state.service#local-fs.target#" "$HERE/drive/$unit.service" >"$tmp"
        replace "/etc/systemd/system/$unit.service" <"$tmp"
        on "$unit.service"
    done
    replace /etc/systemd/system/lkjam-box.service.d/drive.conf <"$HERE/drive/drive.conf"
}

# on UNIT: started with the machine. Kept in a list, as below.
on() {
    link=/etc/systemd/system/multi-user.target.wants/$1
    if [ -L "$root$link" ]; then return; fi
    echo "  on $1"
    changed=1
    [ -z "$dry" ] || return 0
    mkdir -p "$root$KEEP" "$(dirname "$root$link")"
    ln -s "../$1" "$root$link"
    echo "$1" >>"$root$KEEP/on"
}

# off UNIT: never started. Kept in a list, so that only what was put here is taken away again.
off() {
    link=/etc/systemd/system/$1
    if [ "$(readlink "$root$link" 2>/dev/null)" = /dev/null ]; then return; fi
    if [ -e "$root$link" ] || [ -L "$root$link" ]; then
        echo "  $1: has a file of its own in /etc; left as it is" >&2
        return
    fi
    echo "  off $1"
    changed=1
    [ -z "$dry" ] || return 0
    mkdir -p "$root$KEEP" "$root/etc/systemd/system"
    ln -s /dev/null "$root$link"
    echo "$1" >>"$root$KEEP/off"
}

back_on() {
    for list in on off; do
        [ -f "$root$KEEP/$list" ] || continue
        while read -r unit; do
            link=/etc/systemd/system/$unit
            [ $list = off ] || link=/etc/systemd/system/multi-user.target.wants/$unit
            if [ -L "$root$link" ]; then do_it rm -f "$root$link"; fi
        done <"$root$KEEP/$list"
    done
}

bring_back() {
    [ -d "$root$KEEP" ] || return 0
    find "$root$KEEP" -name '*.after' | sort | while read -r after; do
        kept=${after%.after}
        name=${kept#"$root$KEEP"}
        if [ ! -e "$root$name" ]; then
            echo "  $name: is gone; left so" >&2
        elif cmp -s "$after" "$root$name"; then
            if [ -e "$kept.none" ]; then do_it rm -f "$root$name"; else do_it cp -p "$kept.before" "$root$name"; fi
        elif [ "$name" = "$boot/config.txt" ]; then
            echo "  $name: changed since; only the box's lines are taken out"
            if [ -z "$dry" ]; then
                without_block "$root$name" >"$root$name.new"
                mv "$root$name.new" "$root$name"
            fi
        else
            echo "  $name: changed since; left as it is, before is beside it" >&2
            if [ -e "$kept.before" ]; then do_it cp -p "$kept.before" "$root$name.before-lkjam-box"; fi
        fi
    done
}

# --- the two ways

if [ -n "$uninstall" ]; then
    DESTDIR='' sh "$REPO/systemd/install.sh" --uninstall ${root:+--root "$root"} ${dry:+--dry-run} | sed 's/^removed.*//;/^$/d'
    if running && [ -e /etc/systemd/system/lkjam-box-gadget.service ]; then
        do_it systemctl disable --now lkjam-box-gadget.service lkjam-box-drive.service
    fi
    back_on
    bring_back
    if [ -d "$root$PREFIX" ]; then do_it rm -rf "$root$PREFIX"; fi
    if [ -d "$root$KEEP" ]; then do_it rm -rf "$root$KEEP"; fi
    if running; then do_it systemctl daemon-reload; fi
    echo "removed; left: packages, /var/lib/lkjam-box, /etc/lkjam-box.yaml; start the Pi anew"
    exit 0
fi

# Is the environment there, and does it see the distribution's packages where it must?
fits() {
    [ -x "$PREFIX/bin/python" ] || return 1
    [ -z "$sites" ] || grep -q '^include-system-site-packages = true' "$PREFIX/pyvenv.cfg"
}

tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
packages="python3 python3-venv $more"
[ -z "$gadget" ] || packages="$packages dosfstools"
if [ -n "$root" ]; then
    echo "  packages it needs: $packages"
    echo "  still to come in $root: python3 -m venv $sites $PREFIX; $PREFIX/bin/pip install '.[box]'"
else
    # A realtime kernel where the distribution has one.
    if apt-cache show linux-image-rpi-v8-rt >/dev/null 2>&1; then packages="$packages linux-image-rpi-v8-rt"; fi
    # shellcheck disable=SC2086
    missing=$(for p in $packages; do dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"; done)
    if [ -n "$missing" ]; then
        do_it apt-get update -q
        # shellcheck disable=SC2086
        do_it env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing
    fi
    # shellcheck disable=SC2086
    fits || do_it python3 -m venv $sites "$PREFIX"
    do_it "$PREFIX/bin/pip" install -q --disable-pip-version-check -c "$REPO/constraints.txt" "$REPO[box]"
fi
DESTDIR='' sh "$REPO/systemd/install.sh" ${root:+--root "$root"} ${dry:+--dry-run}
write_config
write_cmdline
write_names
write_settings
[ -z "$gadget" ] || write_drive
for unit in $ALWAYS; do off "$unit"; done
if [ -z "$console" ]; then for unit in $CONSOLE; do off "$unit"; done; fi
if [ -z "$ssh" ]; then for unit in $NETWORK; do off "$unit"; done; fi
if [ -n "$dry" ]; then
    echo "nothing was changed (--dry-run)"
elif [ -n "$changed" ]; then
    echo "installed; start the Pi anew: the kernel takes some of it only then"
else
    echo "installed; nothing was to be changed"
fi
