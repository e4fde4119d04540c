#!/bin/sh
# What is given to people: the image packed, a list of all that is in it, and checksums.
#
#   sudo sh firmware/release.sh [FOLDER]          (default out/release)
#
# PYTHON: the project's environment (default .venv/bin/python, Python 3.11).
set -eu
cd "$(dirname -- "$0")/.."

folder=${1:-out/release} python=${PYTHON:-.venv/bin/python}
most=1200000000 # bytes; what a slow line takes in half an hour

fail() {
    echo "release.sh: $1" >&2
    exit 2
}

[ -x "$python" ] || fail "no $python: run make setup"
command -v xz >/dev/null || fail "no xz: run hardware/tools/firmware.sh"
version=$("$python" -c 'import lkjam_box; print(lkjam_box.__version__)')
name=lkjam-box-$version-arm64
mkdir -p "$folder"
rm -f "$folder/$name".* "$folder/SHA256SUMS"
"$python" -m firmware.image.build --out "$folder/$name.img"
xz -T0 -4 --force "$folder/$name.img"
size=$(stat -c %s "$folder/$name.img.xz")
[ "$size" -le $most ] || fail "$name.img.xz: found $size bytes, allowed $most"
(cd "$folder" && sha256sum "$name.img.xz" "$name.spdx.json" >SHA256SUMS && sha256sum --check --quiet SHA256SUMS)
ls -l "$folder"
