// SPDX-License-Identifier: GPL-2.0
/* A number from 0 to 100, which is 60 at first. */
#include <linux/module.h>
#include <linux/sysctl.h>

static int level = 60;
static struct ctl_table_header *header;

static const struct ctl_table table[] = {
	{
		.procname = "level",
		.data = &level,
		.maxlen = sizeof(level),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE_HUNDRED,
	},
};

static int __init level_init(void)
{
	header = register_sysctl("tasks/c/level", table);
	return header ? 0 : -ENOMEM;
}

static void __exit level_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(level_init);
module_exit(level_exit);
MODULE_DESCRIPTION("A number");
MODULE_LICENSE("GPL");
