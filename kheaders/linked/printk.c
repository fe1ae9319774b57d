// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel crate's messages.
 *
 * The crate hands its arguments to _printk() as %pA, which vsnprintf() knows only with CONFIG_RUST. So the crate
 * calls this function, and this has the crate print the arguments.
 */

#include <linux/minmax.h>
#include <linux/printk.h>

/* In the crate: prints arguments from buf to end, and returns where all of them would have ended. */
char *rust_fmt_argument(char *buf, char *end, const void *arguments);

/* The crate's formats have a level, then "%s: %pA" for the module's name, or "%pA" alone to continue a line. */
int rust_printk(const char *fmt, ...)
{
	/* Messages come from any context, so nothing is allocated. This is what a line of the log has at most. */
	char text[1024], *end;
	const char *name = NULL;
	va_list args;

	va_start(args, fmt);
	if (fmt[1] != KERN_CONT[1])
		name = va_arg(args, const char *);
	end = rust_fmt_argument(text, text + sizeof(text), va_arg(args, const void *));
	va_end(args);
	*min(end, text + sizeof(text) - 1) = '\0';

	if (name)
		return _printk("%.2s%s: %s", fmt, name, text);
	return _printk("%.2s%s", fmt, text);
}
