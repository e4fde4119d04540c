#!/bin/sh
# Make a virtual environment in the checkout with everything demo and tests need.
# PYTHON: which Python (3.11, 3.12 or 3.13), VENV: where.
set -eu
python=${PYTHON:-python3}
venv=${VENV:-.venv}

say() { echo "setup: $*" >&2; }

if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    found=$("$python" --version 2>&1 || true)
    say "Python: found '$found' as '$python', allowed: 3.11, 3.12, 3.13. Try: make PYTHON=python3.12"
    exit 2
fi

# Debian ships Python without the parts that make environments.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
    say "installing $package, which Debian keeps apart from Python"
    if ! { $as_root apt-get update -q && $as_root apt-get install -qy "$package"; } >&2; then
        say "could not install $package. Do it by hand: sudo apt-get install $package"
        exit 2
    fi
fi

"$python" -m venv --clear "$venv"
# Wheels only: nothing here needs a compiler.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --only-binary :all: --constraint constraints.txt --editable '.[dev]'
touch "$venv/ready"
say "ready: $("$venv/bin/python" --version) in $venv"
