#!/bin/busybox sh
# The first program: finds the system on the card and hands over to it. Busybox only.
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
for module in /m/*; do $b insmod "$module" 2>/dev/null; done

# The card by its label; a card comes before a stick that bears the same.
tries=0
while [ $tries -lt 300 ]; do
    for device in /dev/mmcblk*p2 /dev/sd?2; do
        [ -b "$device" ] || continue
        # An ext4 file system has its label 1144 bytes from its start.
        label=$($b dd if="$device" bs=1 skip=1144 count=10 2>/dev/null)
        [ "$label" = lkjam-root ] && break 2
    done
    tries=$((tries + 1))
    $b usleep 100000
done

# Read-only below the file system too: nothing can write here by mistake.
$b blockdev --setro "$device"
if ! $b mount -t ext4 -o ro,noatime "$device" /newroot; then
    echo "lkjam_box: no system found on this card (partition 2, label lkjam-root); write the image again"
    $b sleep 30
    $b reboot -f
fi
$b umount /proc
$b mount --move /dev /newroot/dev
exec $b switch_root /newroot /sbin/init
