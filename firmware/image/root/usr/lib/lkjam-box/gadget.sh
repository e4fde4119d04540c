#!/bin/sh
# The USB-C socket (Pi 4, 5) or the middle one (Zero 2 W) towards a laptop: a MIDI device named
# lkjam_box and a disk LKJAM. When the laptop ejects the disk, or the cable goes, the box reads the
# files anew. A Pi without such a socket: nothing to do.
set -eu
modprobe -q libcomposite 2>/dev/null || exit 0
modprobe -q usb_f_midi 2>/dev/null || true
modprobe -q usb_f_mass_storage 2>/dev/null || true
gadget=/sys/kernel/config/usb_gadget/lkjam
udc=$(ls /sys/class/udc 2>/dev/null | head -n 1)
[ -n "$udc" ] || exit 0

if [ ! -d $gadget ]; then
    mkdir $gadget
    echo 0x1d6b >$gadget/idVendor # the Linux Foundation's, for composite gadgets
    echo 0x0104 >$gadget/idProduct
    mkdir -p $gadget/strings/0x409 $gadget/configs/c.1/strings/0x409
    echo lkjam_box >$gadget/strings/0x409/manufacturer
    echo lkjam_box >$gadget/strings/0x409/product
    cut -c1-16 /proc/device-tree/serial-number 2>/dev/null >$gadget/strings/0x409/serialnumber || true
    echo "MIDI and files" >$gadget/configs/c.1/strings/0x409/configuration
    mkdir $gadget/functions/midi.usb0 $gadget/functions/mass_storage.usb0
    echo lkjam_box >$gadget/functions/midi.usb0/id
    echo 1 >$gadget/functions/mass_storage.usb0/lun.0/removable
    echo /dev/disk/by-label/LKJAM >$gadget/functions/mass_storage.usb0/lun.0/file
    ln -s $gadget/functions/midi.usb0 $gadget/functions/mass_storage.usb0 $gadget/configs/c.1/
fi
[ -n "$(cat $gadget/UDC)" ] || echo "$udc" >$gadget/UDC

was=none
lun=$gadget/functions/mass_storage.usb0/lun.0/file
while sleep 1; do
    state=$(cat "/sys/class/udc/$udc/state")
    file=$(cat $lun)
    if [ "$was" = configured ] && { [ "$state" != configured ] || [ -z "$file" ]; }; then
        echo "the laptop let go of the files: read anew"
        /usr/lib/lkjam-box/files.sh
        [ -n "$file" ] || echo /dev/disk/by-label/LKJAM >$lun
    fi
    was=$state
done
