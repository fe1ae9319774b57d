// SPDX-License-Identifier: GPL-2.0
/*
 * Entries with the kernel's own handlers. Tests compare the entries of twins.rs with them.
 */
#include <linux/bitmap.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sysctl.h>

#define BITS 65536
#define BITS_SMALL 77

static bool a_bool;
static int an_int, bit, int_bounded, i8, i16, int4[4], int4_bounded[4];
static const int int_least = -5, int_greatest = 100;
static const int i8_least = S8_MIN, i8_greatest = S8_MAX;
static const int i16_least = S16_MIN, i16_greatest = S16_MAX;
static const int int4_least = -1, int4_greatest = 1000;
static unsigned int a_uint, uint_bounded = 3;
static const unsigned int uint_least = 3, uint_greatest = 4000000000U;
static u8 a_u8, u8_bounded = 10;
static const unsigned int u8_least = 10, u8_greatest = 200;
static unsigned long a_ulong, ulong_bounded = 1, ulong_3[3];
static const unsigned long ulong_least = 1, ulong_greatest = 1UL << (BITS_PER_LONG - 1);
static int seconds, seconds_3[3], userhz, ms;
static unsigned long ms_ulong, ms_ulong_bounded = 10;
static const unsigned long ms_least = 10, ms_greatest = 100000;
static char string[65], string_small[8], string_refusing[8];
static DECLARE_BITMAP(bits, BITS);
static DECLARE_BITMAP(bits_small, BITS_SMALL);
static unsigned long *bitmap = bits, *bitmap_small = bits_small;

/* Shows how many bytes of the buffer are not 0. */
static int look(const struct ctl_table *table, int write, void *buffer,
		size_t *lenp, loff_t *ppos)
{
	const u8 *bytes = buffer;
	size_t found = 0;

	if (write)
		return -EINVAL;
	for (size_t i = 0; i < *lenp; i++)
		found += bytes[i] != 0;
	*lenp = *ppos ? 0 : scnprintf(buffer, *lenp, "%zu\n", found);
	*ppos += *lenp;
	return 0;
}

#define ENTRY(name, variable, handler, length, ...)                       \
	{                                                                 \
		.procname = name, .data = &variable, .maxlen = length,    \
		.mode = 0644, .proc_handler = handler, __VA_ARGS__        \
	}
#define VALUE(name, variable, handler, ...) \
	ENTRY(name, variable, handler, sizeof(variable), __VA_ARGS__)
#define BOUNDS(prefix) \
	.extra1 = (void *)&prefix##_least, .extra2 = (void *)&prefix##_greatest

static const struct ctl_table table[] = {
	VALUE("bool", a_bool, proc_dobool),
	VALUE("int", an_int, proc_dointvec),
	VALUE("bit", bit, proc_dointvec_minmax, .extra1 = SYSCTL_ZERO,
	      .extra2 = SYSCTL_ONE),
	VALUE("int_bounded", int_bounded, proc_dointvec_minmax, BOUNDS(int)),
	VALUE("i8", i8, proc_dointvec_minmax, BOUNDS(i8)),
	VALUE("i16", i16, proc_dointvec_minmax, BOUNDS(i16)),
	VALUE("uint", a_uint, proc_douintvec),
	VALUE("uint_bounded", uint_bounded, proc_douintvec_minmax, BOUNDS(uint)),
	VALUE("u8", a_u8, proc_dou8vec_minmax),
	VALUE("u8_bounded", u8_bounded, proc_dou8vec_minmax, BOUNDS(u8)),
	VALUE("ulong", a_ulong, proc_doulongvec_minmax),
	VALUE("ulong_bounded", ulong_bounded, proc_doulongvec_minmax, BOUNDS(ulong)),
	VALUE("int4", int4, proc_dointvec),
	VALUE("int4_bounded", int4_bounded, proc_dointvec_minmax, BOUNDS(int4)),
	VALUE("ulong_3", ulong_3, proc_doulongvec_minmax),
	VALUE("seconds", seconds, proc_dointvec_jiffies),
	VALUE("seconds_3", seconds_3, proc_dointvec_jiffies),
	VALUE("userhz", userhz, proc_dointvec_userhz_jiffies),
	VALUE("ms", ms, proc_dointvec_ms_jiffies),
	VALUE("ms_ulong", ms_ulong, proc_doulongvec_ms_jiffies_minmax),
	VALUE("ms_ulong_bounded", ms_ulong_bounded, proc_doulongvec_ms_jiffies_minmax, BOUNDS(ms)),
	VALUE("string", string, proc_dostring),
	VALUE("string_small", string_small, proc_dostring),
	VALUE("string_refusing", string_refusing, proc_dostring),
	ENTRY("bitmap", bitmap, proc_do_large_bitmap, BITS),
	ENTRY("bitmap_small", bitmap_small, proc_do_large_bitmap, BITS_SMALL),
	{ .procname = "unwritten", .mode = 0644, .proc_handler = look },
};
static struct ctl_table_header *header;

static int __init reference_init(void)
{
	/* Linux 6.12 wants a table that is not const. */
	header = register_sysctl_sz("twins/c", (struct ctl_table *)table, ARRAY_SIZE(table));
	return header ? 0 : -ENOMEM;
}

static void __exit reference_exit(void)
{
	unregister_sysctl_table(header);
}

module_init(reference_init);
module_exit(reference_exit);
MODULE_DESCRIPTION("Entries with the kernel's own handlers");
MODULE_LICENSE("GPL");
