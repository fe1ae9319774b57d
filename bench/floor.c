// SPDX-License-Identifier: GPL-2.0
/*
 * An entry whose handler does nothing. It shows what the system call itself costs.
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
