// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

static int value;
TWIN(.data = &value, .maxlen = sizeof(value), .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO, .extra2 = SYSCTL_ONE_HUNDRED);
