#!/bin/sh
# Sets up what the case and the drawings need, in .venv-hardware (1 GB): build123d, trimesh, WireViz.
# Graphviz and the libraries that build123d draws with come from Debian; wants root on the first run.
set -eu
cd "$(dirname "$0")/../.."
. hardware/tools/common.sh

need dot graphviz
need rsvg-convert librsvg2-bin
ldconfig -p | grep -q libGL.so.1 || install_packages libgl1
python=${PYTHON:-python3}
wanted="build123d==0.13.0 trimesh==5.2.0 rtree==1.4.1 manifold3d==3.5.4 wireviz==0.4.1"
mark=.venv-hardware/ready
[ "$(cat $mark 2>/dev/null)" = "$wanted" ] && exit 0
"$python" -m venv .venv-hardware || fail "no venv: apt install python3-venv"
# shellcheck disable=SC2086
.venv-hardware/bin/pip install --quiet --disable-pip-version-check --only-binary :all: $wanted ||
    fail "pip could not install $wanted"
echo "$wanted" >$mark
