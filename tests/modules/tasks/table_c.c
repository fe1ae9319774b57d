// SPDX-License-Identifier: GPL-2.0
/* Eight entries of a directory: switches, numbers with bounds, a name, ports and a counter for reading. */
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/sysctl.h>

static bool enabled = true, verbose;
static int level = 60, retries = 3;
static const int retries_min = 1, retries_max = 10;
static u8 weight = 5;
static char name[16] = "nobody";
static DECLARE_BITMAP(port_bits, 65536);
static unsigned long *ports = port_bits;
static unsigned long hits;
static struct ctl_table_header *header;

static const struct ctl_table table[] = {
	{
		.procname = "enabled",
		.data = &enabled,
		.maxlen = sizeof(enabled),
		.mode = 0644,
		.proc_handler = proc_dobool,
	},
	{
		.procname = "verbose",
		.data = &verbose,
		.maxlen = sizeof(verbose),
		.mode = 0644,
		.proc_handler = proc_dobool,
	},
	{
		.procname = "level",
		.data = &level,
		.maxlen = sizeof(level),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE_HUNDRED,
	},
	{
		.procname = "retries",
		.data = &retries,
		.maxlen = sizeof(retries),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = (void *)&retries_min,
		.extra2 = (void *)&retries_max,
	},
	{
		.procname = "weight",
		.data = &weight,
		.maxlen = sizeof(weight),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
	},
	{
		.procname = "name",
		.data = name,
		.maxlen = sizeof(name),
		.mode = 0644,
		.proc_handler = proc_dostring,
	},
	{
		.procname = "ports",
		.data = &ports,
		.maxlen = 65536,
		.mode = 0600,
		.proc_handler = proc_do_large_bitmap,
	},
	{
		.procname = "hits",
		.data = &hits,
		.maxlen = sizeof(hits),
		.mode = 0444,
		.proc_handler = proc_doulongvec_minmax,
	},
};

static int __init table_init(void)
{
	header = register_sysctl("tasks/c/table", table);
	return header ? 0 : -ENOMEM;
}

static void __exit table_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(table_init);
module_exit(table_exit);
MODULE_DESCRIPTION("A directory");
MODULE_LICENSE("GPL");
