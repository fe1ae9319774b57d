// SPDX-License-Identifier: GPL-2.0
/*
 * An entry with a handler that does nothing, and shows nothing: what a system call costs by itself.
 */
#include "twin.h"

static int do_nothing(const struct ctl_table *table, int write, void *buffer,
		      size_t *lenp, loff_t *ppos)
{
	if (!write)
		*lenp = 0;
	return 0;
}

TWIN(.proc_handler = do_nothing);
