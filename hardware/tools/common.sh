# What the installers beside this file share; read by them, not run.

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 2
}

need_root() { [ "$(id -u)" = 0 ] || fail "$1 is missing: run it as root once"; }

codename() { . /etc/os-release && echo "${VERSION_CODENAME:-unknown}"; }

# Address of the Debian archive that this machine uses.
archive() {
    apt-get indextargets --format '$(REPO_URI) $(SUITE)' |
        grep -v -e security -e backports | sed -n 's/\(.*debian[^ ]*\) .*/\1/p' | head -1
}

install_packages() {
    need_root "$*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --yes --no-install-recommends "$@" >/dev/null || fail "apt could not install $*"
}

# need COMMAND PACKAGE: installs the package where there is no such command.
need() { command -v "$1" >/dev/null || install_packages "$2"; }
