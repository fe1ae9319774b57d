# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What scripts that make roots ask of apt. Sourced by them.

update() {
	apt-get update
}

# install OPTION|PACKAGE...: roots share one directory of downloads. Only one of them downloads at a time, so
# that no two write the same file.
install() {
	flock /var/cache/apt/archives/lab.lock \
		apt-get install -qq -y --no-install-recommends --download-only "$@" >/dev/null
	apt-get install -y --no-install-recommends "$@"
}

# A root is used for a week; what lists there are then is of no use.
forget_lists() {
	rm -rf /var/lib/apt/lists/*
}

# install_newest PACKAGE...: installs these from backports where the release of Debian has that.
install_newest() {
	backports=$(cat /etc/apt/sources.list.d/*.list 2>/dev/null | sed -n 's/^.* \([a-z]*-backports\) main.*$/\1/p')
	install ${backports:+-t "$backports"} "$@"
}

# releases FLAVOUR [SERIES]: prints the newest kernel release of each series, or of this one, the newest first.
releases() {
	apt-cache pkgnames linux-headers- |
		sed -n "s/^linux-headers-\(${2:-[0-9.]*}[0-9.]*+deb[0-9]*-$1\)\$/\1/p" | sort -rV |
		awk -F. '!seen[$1 "." $2]++'
}

# series RELEASE: prints its first two numbers.
series() {
	echo "$1" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/'
}
