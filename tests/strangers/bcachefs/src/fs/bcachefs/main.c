// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>

int bch_rust_answer(void);

static int __init start(void)
{
	return bch_rust_answer() == 42 ? 0 : -EINVAL;
}
module_init(start);

static void __exit stop(void)
{
}
module_exit(stop);

MODULE_DESCRIPTION("Stands in for bcachefs: C, and an object in Rust");
MODULE_LICENSE("GPL");
