// SPDX-License-Identifier: GPL-2.0-only
/* What the harness of the options has instead of the kernel. */
#include <stdarg.h>

#include "kernel.h"

struct out {
	char *to;
	unsigned int size, used;
};

static void put(struct out *out, const char *text, size_t length)
{
	while (length-- && out->used + 1 < out->size)
		out->to[out->used++] = *text++;
}

static void put_hex(struct out *out, const u8 *bytes, int count)
{
	char digits[3];

	while (count-- > 0) {
		snprintf(digits, sizeof(digits), "%02x", *bytes++);
		put(out, digits, 2);
	}
}

static void put_guid(struct out *out, const u8 *guid)
{
	static const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6,
				      8, 9, 10, 11, 12, 13, 14, 15 };
	u32 i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			put(out, "-", 1);
		put_hex(out, &guid[order[i]], 1);
	}
}

/* One conversion; returns what follows it in @format. */
static const char *convert(struct out *out, const char *format, va_list *args)
{
	char number[24];
	const char *text;
	int count;

	if (!strncmp(format, "%*phN", 5)) {
		count = va_arg(*args, int);
		put_hex(out, va_arg(*args, const u8 *), count);
		return format + 5;
	}
	if (!strncmp(format, "%pUl", 4)) {
		put_guid(out, va_arg(*args, const u8 *));
		return format + 4;
	}
	if (!strncmp(format, "%llu", 4)) {
		put(out, number, snprintf(number, sizeof(number), "%llu",
					  va_arg(*args, unsigned long long)));
		return format + 4;
	}
	switch (format[1]) {
	case 'u':
		put(out, number, snprintf(number, sizeof(number), "%u",
					  va_arg(*args, unsigned int)));
		break;
	case 'c':
		number[0] = va_arg(*args, int);
		put(out, number, 1);
		break;
	case 's':
		text = va_arg(*args, const char *);
		put(out, text, strlen(text));
		break;
	default:
		abort();
	}
	return format + 2;
}

unsigned int kernel_print(char *to, unsigned int size, const char *format, ...)
{
	struct out out = { .to = to, .size = size };
	va_list args;

	if (!size)
		return 0;
	va_start(args, format);
	while (*format) {
		if (*format == '%')
			format = convert(&out, format, &args);
		else
			put(&out, format++, 1);
	}
	va_end(args);
	to[out.used] = 0;
	return out.used;
}

int kstrtou64(const char *text, unsigned int base, u64 *number)
{
	char *end;

	text += *text == '+';
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &end, base);
	end += *end == '\n';
	return *end ? -EINVAL : -errno;
}

int hex2bin(u8 *to, const char *from, size_t count)
{
	unsigned int byte;

	for (; count--; from += 2) {
		if (!isxdigit((u8)from[0]) || !isxdigit((u8)from[1]))
			return -EINVAL;
		sscanf(from, "%2x", &byte);
		*to++ = byte;
	}
	return 0;
}

int guid_parse(const char *text, guid_t *guid)
{
	static const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6,
				      8, 9, 10, 11, 12, 13, 14, 15 };
	u32 i;

	for (i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return -EINVAL;
		if (hex2bin(&guid->b[order[i]], text, 1))
			return -EINVAL;
		text += 2;
	}
	return 0;
}

const char *dm_shift_arg(struct dm_arg_set *as)
{
	if (!as->argc)
		return NULL;
	as->argc--;
	return *as->argv++;
}

int dm_read_arg_group(const struct dm_arg *arg, struct dm_arg_set *as,
		      unsigned int *count, char **error)
{
	const char *word = dm_shift_arg(as);
	char dummy;

	if (!word || sscanf(word, "%u%c", count, &dummy) != 1 ||
	    *count < arg->min || *count > arg->max || *count > as->argc) {
		*error = arg->error;
		return -EINVAL;
	}
	return 0;
}
