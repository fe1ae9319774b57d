// SPDX-License-Identifier: GPL-2.0
/* A timeout that users see in milliseconds and code in jiffies, at most a minute. */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/sysctl.h>

static unsigned long timeout = HZ;
static unsigned long timeout_max = 60 * HZ;
static struct ctl_table_header *header;

static const struct ctl_table table[] = {
	{
		.procname = "timeout_ms",
		.data = &timeout,
		.maxlen = sizeof(timeout),
		.mode = 0644,
		.proc_handler = proc_doulongvec_ms_jiffies_minmax,
		.extra2 = &timeout_max,
	},
};

static int __init timeout_init(void)
{
	header = register_sysctl("tasks/c/timeout", table);
	return header ? 0 : -ENOMEM;
}

static void __exit timeout_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(timeout_init);
module_exit(timeout_exit);
MODULE_DESCRIPTION("A timeout");
MODULE_LICENSE("GPL");
