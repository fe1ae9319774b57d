#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# series-build.sh SOURCE: applies the series for the kernel, written from /mnt/tree, to the sources in the tarball SOURCE,
# and builds it with clippy: rust/ after each patch, and samples/rust/ and the documentation after the last one, where
# every warning is an error. Then it has KUnit run in QEMU, first as it is, and then without the fix in fs/proc, and
# says what KUnit did. Takes 25 minutes on 2 processors.
#
# Exit codes: 0 built and run, whatever KUnit says; others: a command failed, or something warns.

set -eu

# kunit.py takes KVM where there is a device, whether it works or not.
[ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm
OXIMOD_AUTHOR='A Name <name@example.org>'
export OXIMOD_AUTHOR
series=/tmp/series
mkdir -p /tmp/linux /tmp/build
tar -x -f "$1" -C /tmp/linux --strip-components=1
/mnt/tree/upstream/series $series /tmp/linux >/dev/null
cd /tmp/linux

# quietly COMMAND...: says what the command says only if it fails or warns.
quietly() {
	if ! "$@" >/tmp/log 2>&1 || grep -i -E '^(warning|error)|: warning: ' /tmp/log; then
		tail -n 200 /tmp/log
		exit 1
	fi
}

# build TARGET...
build() {
	quietly make LLVM=1 O=/tmp/build CLIPPY=1 KRUSTFLAGS=-Dwarnings -j"$(nproc)" "$@"
}

# kunit COMMAND ARGUMENT...: with the options that are the same for all of its commands.
kunit() {
	command=$1
	shift
	tools/testing/kunit/kunit.py "$command" --arch x86_64 --build_dir /tmp/build --make_options LLVM=1 \
		--make_options CLIPPY=1 --make_options KRUSTFLAGS=-Dwarnings "$@"
}

# results: runs the tests and prints the lines of those that failed, and of the suites and of all.
results() {
	quietly kunit build --kunitconfig /mnt/tree/upstream/kunitconfig --jobs "$(nproc)"
	kunit exec --timeout 1200 --raw_output=all >/tmp/raw 2>&1 || :
	grep -a -E '^[[:blank:]]*not ok ' /tmp/raw || :
	grep -a -E '^# (rust_doctests_kernel|rust_sysctl|rust_sysctl_text|sysctl_test): ' /tmp/raw
	grep -a -E '_sysctl(_[a-z]*)?_rs_' /tmp/raw | grep -a -E '^[[:blank:]]*ok ' || :
	tools/testing/kunit/kunit.py parse /tmp/raw | sed -n 's/^.*\(Testing complete\..*\)$/\1/p'
}

grep -v -i sysctl_kunit /mnt/tree/upstream/kunitconfig | grep -v SAMPLE_RUST_SYSCTL > /tmp/kunitconfig
for patch in "$series"/*.patch; do
	case $patch in
	*-cover-letter.patch) continue ;;
	esac
	patch --quiet --strip 1 --fuzz 0 --input "$patch"
	[ -f /tmp/build/.config ] || quietly kunit config --kunitconfig /tmp/kunitconfig
	build olddefconfig
	build rust/
	echo "built: $(basename "$patch")"
done
quietly kunit config --kunitconfig /mnt/tree/upstream/kunitconfig
build rust/
build samples/rust/
build rustdoc
echo "documented: $(find /tmp/build/Documentation/output/rust/rustdoc/kernel/sysctl -name 'struct.*.html' | wc -l) structs"
results
# The tests alone, without the fix.
sed -n '/^diff .* b\/fs\//,/^diff .* b\/kernel\//p' "$series"/0001-*.patch | patch --quiet --strip 1 --reverse
echo 'without the fix:'
results
