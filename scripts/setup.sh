#!/usr/bin/env bash
# Installs what `make run` (setup.sh run), `make test` (setup.sh test) or `make bench` (setup.sh
# bench) needs, on Debian 12 or Ubuntu 22.04 and newer, starting from nothing but a shell. Does only
# what is missing; when nothing is, it ends within a tenth of a second. `setup.sh guest`, which the
# tests in tests/guest call by themselves, fetches Debian's kernel for a machine inside QEMU.
set -euo pipefail

usage() { echo "usage: scripts/setup.sh run|test|bench|guest" >&2; exit 2; }
[ $# -eq 1 ] || usage
mode=$1
bench=
if [ "$mode" = bench ]; then mode=test bench=yes; fi  # what the tests need, and what to measure
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

# --- packages of the distribution -----------------------------------------------------------
packages=(
    libportaudio2                                           # microphone and loudspeaker
    libopus0                                                # voices
    pulseaudio pulseaudio-utils libasound2-plugins espeak-ng  # the demo's hall: its sound, a voice
)
case $mode in
    run) ;;
    test)
        packages+=(
            # An RTSP camera that nobody here wrote, and a browser, for the tests.
            python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base
            gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
            nginx-light  # stands before a hub, with the example of config/; so does Caddy, see below
            coturn  # the relay that a ward would run; the tests start one of their own
            iproute2 nftables  # the routers between houses and officials, in network namespaces
            libnss3-tools  # certutil: a browser that trusts an authority of the tests
            dovecot-imapd  # the mailbox that residents write to, for the tests
            nut-server  # a UPS of its dummy driver, for the tests
            cec-utils  # the real program that speaks HDMI-CEC, for the tests
            ffmpeg  # ffprobe looks at the recordings
            postgresql  # the tests start a server of their own, in a folder of its own
        )
        ;;
    guest) packages=(qemu-system-x86) ;;
    *) usage ;;
esac

if [ "$bench" ]; then
    packages+=(libspeexdsp1 gcc libc6-dev python3-dev)  # a peer; a metric comes as source
    packages+=(janus)  # the peer of the fan-out
fi

distribution=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown}" || echo unknown)
# Ubuntu 22.04 has no Caddy; its test is left out there.
if [ "$mode" = test ] && [ "$distribution" != ubuntu ]; then packages+=(caddy); fi
browser() {
    local candidate
    for candidate in "${CHROMIUM:-}" /usr/bin/chromium; do
        # Ubuntu's /usr/bin/chromium-browser only installs a snap, so it is not looked at.
        if [ -n "$candidate" ] && [ -x "$candidate" ]; then return 0; fi
    done
    return 1
}
if [ "$mode" = test ] && ! browser; then
    if [ "$distribution" = ubuntu ]; then
        say "NO BROWSER: Ubuntu has Chromium only as a snap. Run 'sudo snap install chromium' and set" \
            "CHROMIUM=/snap/bin/chromium, or install Google Chrome and set CHROMIUM=/usr/bin/google-chrome;" \
            "without it the tests that open pages fail."
    else
        packages+=(chromium)
    fi
fi
if [ "$mode" = test ] && ! command -v firefox-esr >/dev/null; then
    # The other kind of browser: it takes no H.264 here, and loses and finds its line in its own way.
    if [ "$distribution" = ubuntu ]; then
        say "NO FIREFOX: Ubuntu has it only as a snap, and the tests need it in network namespaces." \
            "Put one from mozilla.org into the PATH as firefox-esr; without it some tests fail."
    else
        packages+=(firefox-esr)
    fi
fi

fetch_guest() {  # a kernel with its modules, udev and a static shell: unpacked, never installed
    local guest=build/guest kernel
    [ ! -e $guest/stamp ] || return 0
    apt-cache show linux-image-amd64 >/dev/null 2>&1 ||
        fail "the machine inside QEMU needs Debian's package of its kernel, linux-image-amd64"
    kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | head -n 1)
    say "fetching $kernel for a machine inside QEMU into $guest"
    rm -rf $guest && mkdir -p $guest/archives
    (cd $guest/archives && apt-get download -qq "$kernel" busybox-static udev 2>/dev/null) ||
        fail "apt-get could not download $kernel, busybox-static and udev"
    dpkg-deb -x $guest/archives/linux-image-*.deb $guest/kernel
    dpkg-deb -x $guest/archives/busybox-static_*.deb $guest/busybox
    dpkg-deb -x $guest/archives/udev_*.deb $guest/udev
    rm -rf $guest/archives
    touch $guest/stamp
}

have_python() {  # a Python that the project can run on
    local version
    for version in python3.13 python3.12 python3.11 python3; do
        if "$version" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
        then return 0; fi
    done
    return 1
}
tools=build/tools
find_uv() { command -v uv 2>/dev/null || { [ -x $tools/bin/uv ] && echo $tools/bin/uv; }; }

if ! uv=$(find_uv) && [ "$mode" != guest ]; then
    # uv itself comes from PyPI into an environment of its own, which any Python 3 can make.
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
fi

as_root=()
policy=/usr/sbin/policy-rc.d
keep_servers_off() {  # coturn, nginx and others would start by themselves; the tests start their own
    [ "$mode" = test ] && [ ! -e $policy ] || return 0
    trap '"${as_root[@]}" rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
}
let_servers_on() {
    [ -z "$(trap -p EXIT)" ] || "${as_root[@]}" rm -f $policy
    trap - EXIT
}

install_packages() {
    local missing=() package status
    for package in "${packages[@]}"; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "missing, and there is no sudo; as root: apt-get install ${missing[*]}"
            [ "$mode" = run ] || exit 1
            return 0  # the demo runs with what there is, and says what it lacks
        fi
        as_root=(sudo)
    fi
    say "installing for 'make $mode' with apt-get${as_root:+, as root with sudo}: ${missing[*]}"
    keep_servers_off
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get could not install ${missing[*]}; its message stands above"
    let_servers_on
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_packages
else
    say "not a Debian or Ubuntu: what stands for these packages has to be there: ${packages[*]}"
fi

if [ "$mode" = guest ]; then
    fetch_guest
    exit 0
fi

# --- Python packages, exactly as locked -----------------------------------------------------
# The stamp stands in the environment itself and names the folder, so that neither a new
# environment nor a moved one is taken for finished.
stamp=.venv/setup-${bench:+bench-}$mode.stamp
state=$(cat uv.lock pyproject.toml scripts/setup.sh <(pwd) | sha256sum | cut -d' ' -f1)
up_to_date() { [ -x .venv/bin/python ] && [ "$(cat "$1" 2>/dev/null)" = "$state" ]; }
# What is there for more serves for less.
serving=("$stamp")
[ "$mode" = test ] && serving+=(.venv/setup-bench-test.stamp)
[ "$mode" = run ] && serving+=(.venv/setup-test.stamp .venv/setup-bench-test.stamp)
for one in "${serving[@]}"; do
    if up_to_date "$one"; then exit 0; fi
done

if [ -z "$uv" ]; then
    say "installing uv into $tools"
    python3 -m venv $tools
    $tools/bin/pip install --quiet --disable-pip-version-check uv
    uv=$tools/bin/uv
fi
have_python || say "no Python 3.11 to 3.13 here; uv looks for one and downloads it where it may"

say "installing the Python packages of uv.lock into .venv"
groups=()
# --inexact: running the demo must not take the tools of the tests away.
[ "$mode" = test ] || groups=(--no-dev --inexact)
[ -z "$bench" ] || groups=(--group bench)
rm -f .venv/setup-*.stamp  # what was there for more is taken away
"$uv" sync --frozen --quiet "${groups[@]}" ||
    fail "the Python packages could not be installed. Python 3.11, 3.12 or 3.13 is needed" \
         "(on Ubuntu 22.04: apt-get install python3.11), and a way to pypi.org."
if [ "$mode" = test ]; then
    # A projector that nobody here wrote. It names Python 3.13, so that it is no package of uv.lock; the
    # tests read it with any.
    printf '%s' 'pjlink-advance==0.2.0 --hash=sha256:c7860d9994766e8eefdf9602676840f7fa546113d982c3885ddf53f837ed0d0c' |
        "$uv" pip install --quiet --python .venv/bin/python --python-version 3.13 --no-deps \
            --require-hashes --target build/peers -r - ||
        say "a projector for the tests could not be fetched; theirs is left out"
fi
# Otherwise the first text that is classified would wait for it.
.venv/bin/avcontrol train-classifier >/dev/null ||
    fail "the classifier could not be built from its sentences; its message stands above"
# Otherwise whoever opens a page first would wait for it, and all the others with him.
.venv/bin/python -c 'from web.templating import compile_all; compile_all()' ||
    fail "the pages' templates could not be compiled; the message stands above"
echo "$state" >"$stamp"
