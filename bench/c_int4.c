// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

static int values[4];
TWIN(.data = values, .maxlen = sizeof(values), .proc_handler = proc_dointvec);
