#!/bin/sh
# The player's options and progressions from the partition LKJAM to /run/lkjam-files, where the box
# reads them. A card or file that cannot be read leaves the box's own defaults: it plays either way.
set -u
target=/run/lkjam-files source=/media/lkjam
new=$target/new
mkdir -p "$target/progressions"
rm -rf "$new"
mkdir -p "$new/progressions"
tries=0
while [ ! -e /dev/disk/by-label/LKJAM ] && [ $tries -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
umount "$source" 2>/dev/null
if mount "$source"; then
    cp "$source/lkjam-box.yaml" "$new/" 2>/dev/null || echo "lkjam-box.yaml is not there: defaults"
    for file in "$source"/progressions/*.yaml "$source"/progressions/*.yml; do
        case ${file##*/} in ._*) continue ;; esac # a Mac's leavings
        [ -f "$file" ] && cp "$file" "$new/progressions/"
    done
    umount "$source"
else
    echo "the partition LKJAM cannot be read: defaults"
fi
[ -s "$new/lkjam-box.yaml" ] || cp /usr/share/lkjam-box.sample.yaml "$new/lkjam-box.yaml"
chmod -R a+rX "$new"
for old in "$target"/progressions/*; do # gone from the disk: gone from the box
    [ -e "$new/progressions/${old##*/}" ] || rm -f "$old"
done
for file in "$new"/progressions/*; do
    [ -f "$file" ] && mv -f "$file" "$target/progressions/"
done
mv -f "$new/lkjam-box.yaml" "$target/lkjam-box.yaml"
rm -rf "$new"
