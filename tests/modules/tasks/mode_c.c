// SPDX-License-Identifier: GPL-2.0
/* A number that must be even. Each change is logged, in the order of the values. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sysctl.h>

static int mode;
static DEFINE_MUTEX(mode_lock);
static struct ctl_table_header *header;

static int mode_handler(const struct ctl_table *table, int write, void *buffer,
			size_t *lenp, loff_t *ppos)
{
	struct ctl_table copy = *table;
	int old, new, ret;

	mutex_lock(&mode_lock);
	old = READ_ONCE(mode);
	new = old;
	copy.data = &new;
	ret = proc_dointvec(&copy, write, buffer, lenp, ppos);
	if (write && !ret && new % 2)
		ret = -EINVAL;
	if (write && !ret && new != old) {
		WRITE_ONCE(mode, new);
		pr_info("mode: %d, then %d\n", old, new);
	}
	mutex_unlock(&mode_lock);
	return ret;
}

static const struct ctl_table table[] = {
	{
		.procname = "mode",
		.maxlen = sizeof(mode),
		.mode = 0644,
		.proc_handler = mode_handler,
	},
};

static int __init mode_init(void)
{
	header = register_sysctl("tasks/c/mode", table);
	return header ? 0 : -ENOMEM;
}

static void __exit mode_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(mode_init);
module_exit(mode_exit);
MODULE_DESCRIPTION("A number with a check and an action");
MODULE_LICENSE("GPL");
