/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module with one entry, /proc/sys/bench/NAME, written as usual in C.
 */
#include <linux/module.h>
#include <linux/sysctl.h>

/* Takes the fields of the entry's ctl_table, except name and mode. Linux 6.12 wants a table that is not const. */
#define TWIN(...)                                                                 \
	static const struct ctl_table table[] = {                                 \
		{ .procname = KBUILD_MODNAME, .mode = 0644, __VA_ARGS__ },        \
	};                                                                        \
	static struct ctl_table_header *header;                                   \
                                                                                  \
	static int __init twin_init(void)                                         \
	{                                                                         \
		header = register_sysctl_sz("bench", (struct ctl_table *)table,   \
					    ARRAY_SIZE(table));           \
		return header ? 0 : -ENOMEM;                                      \
	}                                                                         \
                                                                                  \
	static void __exit twin_exit(void)                                        \
	{                                                                         \
		unregister_sysctl_table(header);                                  \
	}                                                                         \
                                                                                  \
	module_init(twin_init);                                                   \
	module_exit(twin_exit);                                                   \
	MODULE_AUTHOR("The Man from Ox");                                         \
	MODULE_DESCRIPTION("An entry to be measured");                            \
	MODULE_LICENSE("GPL")
