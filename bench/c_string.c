// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

static char value[65];
TWIN(.data = value, .maxlen = sizeof(value), .proc_handler = proc_dostring);
