# SPDX-License-Identifier: GPL-2.0
#
# What dh does with a package of a Rust module; see dh_rust_kheaders(1).

use strict;
use warnings;
use Debian::Debhelper::Dh_Lib;

insert_before('dh_installinit', 'dh_rust_kheaders');

1;
