// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

static u8 value;
TWIN(.data = &value, .maxlen = sizeof(value), .proc_handler = proc_dou8vec_minmax,
     .extra1 = SYSCTL_ZERO, .extra2 = SYSCTL_TWO_HUNDRED);
