// SPDX-License-Identifier: GPL-2.0
#include "twin.h"

static bool value;
TWIN(.data = &value, .maxlen = sizeof(value), .proc_handler = proc_dobool);
