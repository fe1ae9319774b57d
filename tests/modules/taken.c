// SPDX-License-Identifier: GPL-2.0
/*
 * Registers example/atom, so that oximod cannot.
 */
#include <linux/module.h>
#include <linux/sysctl.h>

static int value;
static const struct ctl_table table[] = {
	{
		.procname = "atom",
		.data = &value,
		.maxlen = sizeof(value),
		.mode = 0444,
		.proc_handler = proc_dointvec,
	},
};
static struct ctl_table_header *header;

static int __init taken_init(void)
{
	/* Linux 6.12 wants a table that is not const. */
	header = register_sysctl_sz("example", (struct ctl_table *)table, ARRAY_SIZE(table));
	return header ? 0 : -ENOMEM;
}

static void __exit taken_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(taken_init);
module_exit(taken_exit);
MODULE_DESCRIPTION("Registers example/atom, so that oximod cannot");
MODULE_LICENSE("GPL");
