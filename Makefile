# SPDX-License-Identifier: GPL-2.0
#
# The front door: "make help" tells what there is.

# The kernel to build for.
KVER ?= $(shell uname -r)

RUST_KHEADERS := $(or $(wildcard $(CURDIR)/kheaders/rust-kheaders),rust-kheaders)

.PHONY: modules
modules:
	$(if $(word 2,$(CURDIR)),$(error the kernel's build takes no blanks in paths; to fix: move '$(CURDIR)'))
	@$(RUST_KHEADERS) build $(KVER) >/dev/null
	$(MAKE) $$($(RUST_KHEADERS) path --make $(KVER)) M=$(CURDIR)/src modules

.PHONY: clean
clean:
	for directory in src $(wildcard samples); do \
		(cd $$directory && rm -rf *.o *.ko *.mod *.mod.c .*.cmd .*.o Module.symvers modules.order); \
	done
	rm -rf out tests/target tests/fuzz/target

NAME = oximod-$(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"$$/\1/p' dkms.conf)

# The same bytes from the same files, wherever and whenever it is made.
.PHONY: dist
dist:
	mkdir -p out
	tar -c --exclude-vcs --exclude-vcs-ignores --format=ustar --transform='flags=r;s,^\.,$(NAME),' --sort=name \
		--mtime="$$(sed -n '/^ -- /{s/.*>  //p;q}' debian/changelog)" --owner=0 --group=0 --numeric-owner \
		--mode=u+rw,go=rX . | gzip -9n > out/$(NAME).tar.gz

# dpkg-buildpackage leaves its results beside the tree that it builds.
.PHONY: deb
deb: dist
	rm -rf out/$(NAME)
	tar -x -f out/$(NAME).tar.gz -C out
	cd out/$(NAME) && dpkg-buildpackage --no-sign
	rm -r out/$(NAME)
	@ls out/*.deb

# The definitions are those by which Fedora has two builds give the same bytes, and where what goes.
.PHONY: rpm
rpm: dist
	rpmbuild -tb $(RPMFLAGS) \
		--define 'source_date_epoch_from_changelog 1' --define 'build_mtime_policy clamp_to_source_date_epoch' \
		--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost localhost' \
		--define '_topdir $(CURDIR)/out/rpmbuild' --define '_rpmdir $(CURDIR)/out' \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' out/$(NAME).tar.gz
	rm -r out/rpmbuild
	@ls out/*.rpm

.PHONY: run shell bench autopkgtest
run shell bench autopkgtest:
	@tests/setup
	@cd tests && cargo run --quiet --locked --package lab -- $@ $(if $(RECORD),--record)

.PHONY: test
test:
	@tests/run

.PHONY: test-debug
test-debug:
	@OXIMOD_CYCLES=1000 tests/run --test system debug:: -- --include-ignored

.PHONY: help
help:
	@echo 'make          build the module for the running kernel, or KVER=RELEASE: src/oximod.ko'
	@echo 'make deb      build the Debian packages: out/*.deb'
	@echo 'make rpm      build the RPM packages: out/*.rpm; RPMFLAGS="--without check" for no tests'
	@echo 'make dist     make the tarball that both are built from: out/*.tar.gz'
	@echo 'make run      install them in a Debian 13 with a stock kernel, boot it in QEMU and show'
	@echo '              what the module does; needs root, gets the rest with apt'
	@echo 'make shell    log in to such a machine; what is done there is forgotten'
	@echo 'make test     run all tests; needs root, gets the rest with apt'
	@echo 'make test-debug'
	@echo '              run those on kernels that find errors, with 1,000 loads where "make test" has 100'
	@echo 'make autopkgtest'
	@echo '              run debian/tests by autopkgtest, in QEMU; logs: out/autopkgtest'
	@echo 'make bench    print what our handlers cost beside C'"'"'s, in instructions and bytes; RECORD=1'
	@echo '              also keeps it in bench/baseline, which the tests hold later ones against'
	@echo 'make clean    remove what was built here'
	@echo
	@echo 'What these make is kept in /var/cache/oximod-lab ($$OXIMOD_LAB).'
