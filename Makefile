# SPDX-License-Identifier: GPL-2.0
#
# The front door: "make help" tells what there is.

# The kernel to build for.
KVER ?= $(shell uname -r)

RUST_KHEADERS := $(or $(wildcard $(CURDIR)/kheaders/rust-kheaders),rust-kheaders)

.PHONY: modules
modules:
	@$(RUST_KHEADERS) build $(KVER) >/dev/null
	$(MAKE) $$($(RUST_KHEADERS) path --make $(KVER)) M=$(CURDIR)/src modules

.PHONY: clean
clean:
	for directory in src samples; do \
		(cd $$directory && rm -rf *.o *.ko *.mod *.mod.c .*.cmd .*.o Module.symvers modules.order); \
	done
	rm -rf out tests/target tests/fuzz/target

# dpkg-buildpackage leaves its results beside the tree that it builds.
.PHONY: deb
deb:
	rm -rf out
	mkdir -p out/oximod
	tar -c --exclude=./out --exclude=./.git --exclude=./tests/target --exclude=./tests/fuzz/target . | tar -x -C out/oximod
	cd out/oximod && dpkg-buildpackage --no-sign
	rm -r out/oximod
	@ls out/*.deb

.PHONY: run shell bench
run shell bench:
	@tests/setup
	@cd tests && cargo run --quiet --locked --package lab -- $@ $(if $(RECORD),--record)

.PHONY: test
test:
	@tests/run

.PHONY: help
help:
	@echo 'make          build the module for the running kernel, or KVER=RELEASE: src/oximod.ko'
	@echo 'make deb      build the Debian packages: out/*.deb'
	@echo 'make run      install them in a Debian 13 with a stock kernel, boot it in QEMU and show'
	@echo '              what the module does; needs root, gets the rest with apt'
	@echo 'make shell    log in to such a machine; what is done there is forgotten'
	@echo 'make test     run all tests; needs root, gets the rest with apt'
	@echo 'make bench    print what our handlers cost beside C'"'"'s, in instructions and bytes; RECORD=1'
	@echo '              also keeps it in bench/baseline, which the tests hold later ones against'
	@echo 'make clean    remove what was built here'
	@echo
	@echo 'What "run" and "test" make is kept in /var/cache/oximod-lab ($$OXIMOD_LAB).'
