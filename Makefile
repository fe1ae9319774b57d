# SPDX-License-Identifier: GPL-2.0
#
# The front door: "make help" tells what there is.

# The kernel to build for.
KVER ?= $(shell uname -r)

.PHONY: modules
modules:
	@cd src && $(MAKE) --no-print-directory KVER=$(KVER) RUST_KHEADERS='$(CURDIR)/kheaders/rust-kheaders'

.PHONY: clean
clean:
	@for folder in src samples samples/timebomb; do (cd $$folder && $(MAKE) -f '$(CURDIR)/src/Makefile' clean); done
	rm -rf out tests/target tests/fuzz/target

NAME = oximod-$(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"$$/\1/p' dkms.conf)

# The same bytes from the same files, wherever and whenever it is made.
.PHONY: dist
dist:
	mkdir -p out
	tar -c --exclude-vcs --exclude-vcs-ignores --exclude=./out --format=ustar --transform='flags=r;s,^\.,$(NAME),' --sort=name \
		--mtime="$$(sed -n '/^ -- /{s/.*>  //p;q}' debian/changelog)" --owner=0 --group=0 --numeric-owner \
		--mode=u+rw,go=rX . | gzip -9n > out/$(NAME).tar.gz

# need COMMAND, PACKAGES, FIX: says in one line what is missing.
need = @command -v $(1) >/dev/null || { echo 'make $@: needs $(2); to fix: $(3)' >&2; exit 1; }

# dpkg-buildpackage leaves its results beside the tree that it builds.
.PHONY: deb
deb: dist
	$(call need,dpkg-buildpackage,dpkg-dev,apt install dpkg-dev)
	@cd out && dpkg-checkbuilddeps ../debian/control 2>/dev/null || { \
		echo 'make deb: needs what debian/control names; to fix: apt build-dep ./' >&2; exit 1; }
	rm -rf out/$(NAME)
	tar -x -f out/$(NAME).tar.gz -C out
	cd out/$(NAME) && dpkg-buildpackage --no-sign
	rm -r out/$(NAME)
	@ls out/*.deb

# The command that signs modules: it gets one on standard input and prints the signature. None: they stay unsigned.
SIGN ?=

.PHONY: modules-deb
modules-deb:
	@mkdir -p out && cd src && ../kheaders/rust-kheaders package --module --no-panic --output ../out \
		$(if $(SIGN),--sign '$(subst ','\'',$(SIGN))') '$(KVER)'

# The definitions are those by which Fedora has two builds give the same bytes, and where what goes.
RPMBUILD = rpmbuild -bb $(RPMFLAGS) \
	--define 'source_date_epoch_from_changelog 1' --define 'build_mtime_policy clamp_to_source_date_epoch' \
	--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost localhost' \
	--define '_sourcedir $(CURDIR)/out' --define '_specdir $(CURDIR)' \
	--define '_topdir $(CURDIR)/out/rpmbuild' --define '_rpmdir $(CURDIR)/out' \
	--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm'

.PHONY: rpm
rpm: dist
	$(call need,rpmbuild,rpm-build,dnf install rpm-build && dnf builddep oximod.spec)
	$(RPMBUILD) oximod.spec
	rm -r out/rpmbuild
	@ls out/*.rpm

# What builds the module is in the packages of "make rpm", not here, as for everybody's modules.
.PHONY: modules-rpm akmod-rpm
modules-rpm akmod-rpm: dist
	$(call need,rpmbuild,rpm-build,dnf install rpm-build)
	@rpm --eval '%{?rust_kheaders_version}' | grep -q . || { \
		echo 'make $@: needs rust-kheaders-rpm-macros; to fix: make rpm && dnf install ./out/rust-kheaders-*.rpm' >&2; exit 1; }
	$(RPMBUILD) $(if $(filter modules-rpm,$@),--with metapackage --define 'kernels $(KVER)') \
		$(if $(SIGN),--define 'modsign $(subst ','\'',$(SIGN))') oximod-kmod.spec
	rm -r out/rpmbuild
	@ls out/*kmod-oximod*.rpm

.PHONY: check
check:
	@tests/check

LAB = tests/setup && cd tests && cargo run --quiet --locked --package lab --

# The module to try, and what to run in the guest; without it there is a shell.
MODULE ?= src
COMMAND ?=

# What is booted: own is Debian's own kernel, backports the newest one of trixie-backports.
KERNEL ?=

.PHONY: try
try:
	@module=$$(realpath '$(MODULE)') && $(LAB) try '$(or $(KERNEL),backports)' "$$module" $(if $(COMMAND),'$(subst ','\'',$(COMMAND))')

.PHONY: run shell
run shell:
	@$(LAB) $@ '$(or $(KERNEL),own)'

.PHONY: autopkgtest
autopkgtest:
	@$(LAB) $@

.PHONY: bench
bench:
	@$(LAB) bench '$(or $(KERNEL),backports)' $(if $(RECORD),--record)

# A tarball with the kernel's sources, or for "make upstream" a tree. None: those of the newest kernel of trixie-backports,
# for "make upstream" those of the package, here or where the tests keep them.
SOURCE ?=

.PHONY: survey
survey:
	@source=$(if $(SOURCE),$$(realpath '$(SOURCE)')) && $(LAB) survey $$source $(if $(RECORD),--record)

# Words that the names of tests contain; none: all tests.
TESTS ?=

.PHONY: test
test:
	@tests/run $(TESTS)

.PHONY: test-debug
test-debug:
	@OXIMOD_CYCLES=1000 tests/run --ignored --skip=matrix::

# Words that rows of the table of systems contain; none: all rows.
SYSTEMS ?=

.PHONY: test-matrix
test-matrix:
	@tests/setup qemu-user-static && OXIMOD_SYSTEMS='$(SYSTEMS)' OXIMOD_RECORD='$(RECORD)' tests/run --ignored matrix::

PACKAGED = $(firstword $(wildcard /usr/src/linux-source-7.3.tar.xz \
	$(or $(OXIMOD_LAB),/var/cache/oximod-lab)/forge-*/usr/src/linux-source-7.3.tar.xz) linux-source-7.3.tar.xz)

.PHONY: upstream
upstream:
	@upstream/series out/upstream '$(or $(SOURCE),$(PACKAGED))'

.PHONY: release
release:
	@tests/release '$(VERSION)'

.PHONY: help
help:
	@echo 'Loops, for who changes something:'
	@echo '  make check    the tests that need no root and no guest, in seconds'
	@echo '  make try      build the module for a stock kernel, boot that in QEMU with a shell and load it;'
	@echo '                MODULE=DIR takes the modules of another folder, COMMAND="..." runs that instead'
	@echo '                of a shell, KERNEL=own takes the kernel of Debian 13; needs root'
	@echo '  make test     all tests, or TESTS="word ..." those with a word in their names; needs root'
	@echo 'Kernels and systems:'
	@echo '  make run      install the packages in a Debian 13 with its own kernel, boot it in QEMU and show'
	@echo '                what the module does; KERNEL=backports takes the newest kernel there; needs root'
	@echo '  make shell    log in to such a machine, of either kernel; what is done there is forgotten'
	@echo '  make bench    print what our handlers cost beside C'"'"'s, in instructions and bytes, and what'
	@echo '                rust-kheaders costs beside the plain way to the same metadata; RECORD=1 keeps the'
	@echo '                first in bench/baseline, which the tests hold later ones against; KERNEL=own takes that kernel'
	@echo '  make survey   look whether tests/sysctls has every sysctl entry of the newest kernel that a module can have;'
	@echo '                RECORD=1 keeps what is there now, SOURCE=FILE takes the sources in that .tar.xz'
	@echo '  make test-debug   the slow tests: kernels that find errors in the use of memory, or data races, one of a user'"'"'s own,'
	@echo '                and others that take minutes'
	@echo '  make test-matrix  the packages on every system that can be had: other releases, flavours and architectures;'
	@echo '                SYSTEMS="words" takes those whose names contain these, RECORD=1 puts the results into README'
	@echo '  make autopkgtest  debian/tests by autopkgtest, in QEMU; logs: out/autopkgtest'
	@echo 'Results:'
	@echo '  make          build the module for the running kernel, or KVER=RELEASE: src/oximod.ko'
	@echo '  make deb      build the Debian packages: out/*.deb'
	@echo '  make rpm      build the RPM packages: out/*.rpm; RPMFLAGS="--without check" for no tests'
	@echo '  make modules-deb  build packages with the finished module for the kernel KVER=RELEASE, for machines without'
	@echo '                compilers: out/oximod-modules-*.deb; SIGN=COMMAND signs it'
	@echo '  make modules-rpm   the same as RPMs for the kernels KVER="RELEASE ...", kmod-oximod-RELEASE: out/*.rpm'
	@echo '  make akmod-rpm   build akmod-oximod, from which akmods builds kmod-oximod-RELEASE: out/*.rpm'
	@echo '  make dist     make the tarball that both are built from: out/*.tar.gz'
	@echo '  make upstream  write the abstraction as a series of patches for the kernel: out/upstream/*.patch; SOURCE=FILE'
	@echo '                has the kernel'"'"'s sources, where linux-source-7.3 is not installed'
	@echo '  make release VERSION=X.Y.Z   make that the version everywhere'
	@echo '  make clean    remove what was built here'
	@echo
	@echo 'What needs root gets the rest with apt, and keeps what it makes in /var/cache/oximod-lab'
	@echo '($$OXIMOD_LAB). CONTRIBUTING.md tells more.'
