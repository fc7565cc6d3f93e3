# SPDX-License-Identifier: MIT
# The front door. Two commands matter: `make try` and `make test`.

# Everything that is installed, in one place: Debian packages, and (Tests/e2e/requirements*.txt) the PyPI clients.
BUILD_PACKAGES = libcurl4-openssl-dev libssl-dev libwslay-dev libyaml-dev zlib1g-dev pkg-config
TRY_PACKAGES   = ca-certificates curl systemd
BROWSER_PACKAGES = chromium chromium-driver fonts-wqy-microhei
TEST_PACKAGES  = python3 python3-venv mandoc curl systemd iproute2 procps util-linux nginx-light apache2-bin haproxy rsync openbsd-inetd ucspi-tcp zsh fish prometheus
BENCH_PACKAGES = gcc libc6-dev libcurl4-openssl-dev openssl nginx-light python3 python3-venv valgrind binutils curl

DESTDIR =
PREFIX  = /usr
RELEASE = .build/release/edgefilter
# A build of its own, so that the strict flags do not throw away the release.
STRICT  = --scratch-path .build/strict --explicit-target-dependency-import-check error -Xswiftc -warnings-as-errors
SWIFT_FILES = $$(git ls-files -co --exclude-standard '*.swift')

.PHONY: all release try test unit e2e test-agents test-browser test-fleet units check fmt install bench packages clean

all: release

# What every handler runs lies side by side in the program (bench/hot), where the linker can do that.
STRIP  = -Xlinker -s
LAYOUT = $(if $(shell command -v ld.gold),-Xswiftc -use-ld=gold -Xswiftc -Xfrontend -Xswiftc -function-sections -Xlinker --section-ordering-file=$(CURDIR)/bench/hot.txt)

release: packages-build
	swift build -c release --static-swift-stdlib $(STRIP) -Xlinker -znow $(LAYOUT) --product edgefilter

try: packages-try release
	contrib/try $(RELEASE)

test: packages-test check unit e2e units
	@echo "edgefilter: every test passed"

# Machines: array in, array out.
unit: packages-build
	swift test $(STRICT)

# The whole program, through real clients and real activation.
e2e: packages-test release .build/venv/ready .build/venv-old/ready
	.build/venv/bin/python -m pytest Tests/e2e -q
	.build/venv-old/bin/python -m pytest Tests/e2e -q -m sdk

# Real agents, in a network without anything else; their programs take 0.9 GB below .build.
test-agents: packages-test release .build/venv-agents/ready
	Tests/agents/alone .build/venv-agents/bin/python -m pytest Tests/agents -q

# The admin page in Debian's Chromium, and the description of our endpoints. SCREENSHOTS=docs/screenshots takes the pictures anew.
test-browser: packages-browser release .build/venv-browser/ready
	.build/venv-browser/bin/python -m pytest Tests/browser -q

# More than one machine: HAProxy in front, ClickHouse's engine (0.9 GB below .build) behind.
test-fleet: packages-test release .build/venv-fleet/ready
	.build/venv-fleet/bin/python -m pytest Tests/fleet -q

# The units, under a systemd of its own, which needs root.
units: packages-test release .build/venv/ready
	.build/venv/bin/python -m pytest Tests/systemd -q

.build/venv-browser/ready: Tests/browser/requirements.txt
	contrib/venv .build/venv-browser $<

.build/venv-agents/ready: Tests/agents/requirements.txt
	contrib/venv .build/venv-agents $<

.build/venv-fleet/ready: Tests/fleet/requirements.txt Tests/e2e/requirements.txt
	contrib/venv .build/venv-fleet $<

.build/venv/ready: Tests/e2e/requirements.txt
	contrib/venv .build/venv $<

# The SDKs as they were: programs live longer than versions.
.build/venv-old/ready: Tests/e2e/requirements-old.txt
	contrib/venv .build/venv-old $<

# Form: formatting, imports, budgets, manuals.
check: packages-test
	swift format lint --strict --configuration .swift-format $(SWIFT_FILES)
	contrib/check

fmt:
	swift format --in-place --configuration .swift-format $(SWIFT_FILES)

# The program has a folder of its own, so that a sandbox can allow it alone, also after an upgrade by rename.
install:
	install -D -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/libexec/edgefilter/edgefilter
	install -d $(DESTDIR)$(PREFIX)/bin
	ln -sf ../libexec/edgefilter/edgefilter $(DESTDIR)$(PREFIX)/bin/edgefilter
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 644 systemd/*.socket systemd/*.service systemd/*.timer systemd/*.slice $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -D -m 644 systemd/edgefilter.sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/edgefilter.conf
	install -D -m 644 systemd/edgefilter.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/edgefilter.conf
	install -D -m 644 contrib/man/edgefilter.8 $(DESTDIR)$(PREFIX)/share/man/man8/edgefilter.8
	install -D -m 644 contrib/man/edgefilter-log.8 $(DESTDIR)$(PREFIX)/share/man/man8/edgefilter-log.8
	install -D -m 644 contrib/man/edgefilter-keys.8 $(DESTDIR)$(PREFIX)/share/man/man8/edgefilter-keys.8
	install -D -m 644 contrib/completions/edgefilter.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/edgefilter
	install -D -m 644 contrib/completions/_edgefilter $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_edgefilter
	install -D -m 644 contrib/completions/edgefilter.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/edgefilter.fish
	install -D -m 644 contrib/man/edgefilter.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/edgefilter.yaml.5
	install -d $(DESTDIR)$(PREFIX)/share/man/man7
	$(RELEASE) dialects --mdoc >$(DESTDIR)$(PREFIX)/share/man/man7/edgefilter-dialects.7
	install -D -m 644 contrib/edgefilter.yaml $(DESTDIR)$(PREFIX)/share/doc/edgefilter/edgefilter.yaml
	cp -R --no-preserve=ownership contrib/profiles $(DESTDIR)$(PREFIX)/share/doc/edgefilter/

bench: packages-bench release
	bench/run

packages-build:
	@contrib/packages $(BUILD_PACKAGES)
packages-try:
	@contrib/packages $(BUILD_PACKAGES) $(TRY_PACKAGES)
packages-test:
	@contrib/packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
packages-browser:
	@contrib/packages $(BUILD_PACKAGES) $(TEST_PACKAGES) $(BROWSER_PACKAGES)
packages-bench:
	@contrib/packages $(BUILD_PACKAGES) $(BENCH_PACKAGES)

clean:
	rm -rf .build
