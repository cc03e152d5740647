#!/usr/bin/env bash
# setup.sh: makes the image in which Gradescope grades. Runs once, as root, when the
# archive is uploaded (make-zip packs it). It builds dockershell from the sources in
# the archive, so that the program fits the image's C library.
set -euo pipefail
AUTOGRADER=${AUTOGRADER:-/autograder}
source=$AUTOGRADER/source

# Results that were made elsewhere need no program here (grade-here, make-zip).
if [ ! -d "$source/dockershell" ]; then
	echo "no sources of dockershell in the archive: only results made before are handed out"
	exit 0
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends make gcc libc6-dev ca-certificates
"$source/dockershell/tests/package/needs" build
make -C "$source/dockershell" -j"$(nproc)" all
make -C "$source/dockershell" install PREFIX=/usr/local
dockershell version

# What this image can do is written into the log of the build. Whether the harness lets
# containers be made is asked again each time: it may be another machine.
dockershell doctor --plain || true
