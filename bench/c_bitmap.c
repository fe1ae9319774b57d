// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

#define BITS 65536

static DECLARE_BITMAP(bits, BITS);
static unsigned long *value = bits;
TWIN(.data = &value, .maxlen = BITS, .proc_handler = proc_do_large_bitmap);
