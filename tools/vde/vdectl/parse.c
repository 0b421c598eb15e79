// SPDX-License-Identifier: GPL-2.0-only
/* Values on the command line. */
#include <ctype.h>
#include <stdlib.h>

#include "vdectl.h"

/* Reads digits only: strtoull() would take signs and leading blanks. */
static int parse_digits(const char *text, const char **end, u64 *number)
{
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, (char **)end, 10);
	return errno ? -EINVAL : 0;
}

/**
 * vdectl_parse_number - read a decimal number
 * @text: digits and nothing else
 * @number: set to it
 *
 * Return: 0 or -EINVAL.
 */
int vdectl_parse_number(const char *text, u64 *number)
{
	const char *end;

	return parse_digits(text, &end, number) || *end ? -EINVAL : 0;
}

/**
 * vdectl_parse_bytes - read a number of bytes
 * @text: a number, or one with K, M, G or T (powers of 1024)
 * @bytes: set to it
 *
 * Return: 0 or -EINVAL.
 */
int vdectl_parse_bytes(const char *text, u64 *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	const char *end;

	if (parse_digits(text, &end, bytes))
		return -EINVAL;
	if (!*end)
		return 0;
	unit = strchr(units, toupper((unsigned char)*end));
	if (!unit || end[1] ||
	    __builtin_mul_overflow(*bytes, 1ULL << (10 * (unit - units + 1)),
				   bytes))
		return -EINVAL;
	return 0;
}

/**
 * vdectl_parse_size - read a size
 * @text: as for vdectl_parse_bytes()
 * @blocks: set to the size in blocks
 *
 * Return: 0, or -EINVAL if it is no positive multiple of 4096 bytes.
 */
int vdectl_parse_size(const char *text, u64 *blocks)
{
	u64 bytes;

	if (vdectl_parse_bytes(text, &bytes) || !bytes ||
	    bytes % VDE_BLOCK_SIZE)
		return -EINVAL;
	*blocks = bytes >> VDE_BLOCK_SHIFT;
	return 0;
}

/**
 * vdectl_parse_duration - read a retention
 * @text: a number with s, m, h, d, w or y, or 0 or "forever"
 * @ticks: set to it, 0 for ever
 *
 * A year counts 366 days: retention must never end before the calendar says.
 *
 * Return: 0 or -EINVAL.
 */
int vdectl_parse_duration(const char *text, s64 *ticks)
{
	static const struct {
		char unit;
		u32 seconds;
	} units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 7 * 86400 }, { 'y', 366 * 86400 },
	};
	const char *end;
	u64 number;
	u32 i;

	*ticks = 0;
	if (!strcmp(text, "forever"))
		return 0;
	if (parse_digits(text, &end, &number))
		return -EINVAL;
	if (!*end)
		return number ? -EINVAL : 0;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (units[i].unit == *end)
			break;
	if (i == ARRAY_SIZE(units) || end[1] ||
	    __builtin_mul_overflow(number, VDE_TICKS_PER_SECOND *
				   units[i].seconds, ticks))
		return -EINVAL;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * vdectl_parse_hex - read bytes
 * @text: two hexadecimal digits each and nothing else
 * @bytes: to fill
 * @size: of @bytes
 *
 * Return: 0, or -EINVAL unless they are exactly as many.
 */
int vdectl_parse_hex(const char *text, u8 *bytes, size_t size)
{
	size_t i;

	if (strlen(text) != 2 * size)
		return -EINVAL;
	for (i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = high << 4 | low;
	}
	return 0;
}

/**
 * vdectl_check_label - can this be a volume's label?
 * @text: what the user gave
 *
 * Return: 0, or -EINVAL unless it is UTF-8 of at most 64 bytes.
 */
int vdectl_check_label(const char *text)
{
	if (strlen(text) > VDE_LABEL_SIZE ||
	    mbstowcs(NULL, text, 0) == (size_t)-1)
		return -EINVAL;
	return 0;
}
