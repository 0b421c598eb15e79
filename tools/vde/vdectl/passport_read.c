// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passports from files and pipes: one or several, in their stored form or as JSON,
 * objects one after the other or in arrays. No JSON text is a sound passport in
 * its stored form, where the length of the issuer would be four characters.
 */
#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "passport.h"

#define INPUT_MAX (64U << 20)

/**
 * passport_list_add - add a passport
 * @list: to extend
 * @passport: is copied
 *
 * Return: VDECTL_OK, or VDECTL_ERROR after a message.
 */
int passport_list_add(struct passport_list *list,
		      const struct passport *passport)
{
	u32 count = list->count;
	struct passport *passports = list->passports;

	/* Room doubles when the count is a power of two. */
	if (!(count & (count - 1))) {
		passports = realloc(passports, (count ? 2 * (u64)count : 1) *
				    sizeof(*passports));
		if (!passports)
			return vdectl_error("%s", strerror(ENOMEM));
		list->passports = passports;
	}
	passports[list->count++] = *passport;
	return VDECTL_OK;
}

/**
 * passport_list_free - give all up
 * @list: filled, or all zero
 */
void passport_list_free(struct passport_list *list)
{
	free(list->passports);
	memset(list, 0, sizeof(*list));
}

/* All of it; NULL with errno set. */
static char *read_all(int fd, size_t *size)
{
	size_t room = 65536;
	char *text = malloc(room);
	ssize_t done;
	char *more;

	*size = 0;
	while (text) {
		done = read(fd, text + *size, room - *size);
		if (done < 0 && errno == EINTR)
			continue;
		if (!done)
			return text;
		if (done > 0)
			*size += done;
		if (done > 0 && *size < room)
			continue;
		if (done > 0 && room >= INPUT_MAX)
			errno = EFBIG;
		more = done > 0 && room < INPUT_MAX ? realloc(text, 2 * room) :
						      NULL;
		if (!more)
			free(text);
		text = more;
		room *= 2;
	}
	return NULL;
}

/* Is all of it passports in their stored form? Then they are added. */
static int take_stored(const char *data, size_t size,
		       struct passport_list *list, bool *stored)
{
	struct passport passport;
	struct vde_passport parts;
	size_t at;

	*stored = false;
	for (at = 0; at < size; at += parts.size)
		if (vde_passport_decode(data + at, size - at, &parts))
			return VDECTL_OK;
	*stored = size;
	for (at = 0; at < size; at += passport.size) {
		vde_passport_decode(data + at, size - at, &parts);
		passport.size = parts.size;
		memcpy(passport.bytes, data + at, parts.size);
		if (passport_list_add(list, &passport))
			return VDECTL_ERROR;
	}
	return VDECTL_OK;
}

static int take_object(const char *name, struct json_object *object,
		       struct passport_list *list)
{
	struct passport passport;
	char where[VDECTL_TEXT_SIZE];

	snprintf(where, sizeof(where), "%.200s: passport %u", name,
		 list->count + 1);
	if (passport_from_json(where, object, &passport))
		return VDECTL_ERROR;
	return passport_list_add(list, &passport);
}

static int take_value(const char *name, struct json_object *value,
		      struct passport_list *list)
{
	size_t n, i;
	int ret = VDECTL_OK;

	if (!json_object_is_type(value, json_type_array))
		return take_object(name, value, list);
	n = json_object_array_length(value);
	for (i = 0; !ret && i < n; i++)
		ret = take_object(name, json_object_array_get_idx(value, i),
				  list);
	return ret;
}

static int json_error(const char *name, enum json_tokener_error error,
		      size_t at)
{
	return vdectl_error("%s: neither JSON nor a passport in its stored form: %s, at byte %zu",
			    name, error == json_tokener_continue ?
			    "it ends too early" :
			    json_tokener_error_desc(error), at);
}

static int take_values(const char *name, const char *text, size_t size,
		       struct json_tokener *tokener,
		       struct passport_list *list)
{
	struct json_object *value;
	size_t at = 0;
	int ret = VDECTL_OK;

	for (;;) {
		while (at < size && isspace((unsigned char)text[at]))
			at++;
		if (ret || at == size)
			return ret;
		json_tokener_reset(tokener);
		value = json_tokener_parse_ex(tokener, text + at, size - at);
		if (json_tokener_get_error(tokener) != json_tokener_success)
			return json_error(name,
					  json_tokener_get_error(tokener),
					  at + json_tokener_get_parse_end(tokener));
		at += json_tokener_get_parse_end(tokener);
		ret = take_value(name, value, list);
		json_object_put(value);
	}
}

static int take_json(const char *name, const char *text, size_t size,
		     struct passport_list *list)
{
	struct json_tokener *tokener = json_tokener_new();
	int ret;

	if (!tokener)
		return vdectl_error("%s", strerror(ENOMEM));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
			       JSON_TOKENER_ALLOW_TRAILING_CHARS |
			       JSON_TOKENER_VALIDATE_UTF8);
	ret = take_values(name, text, size, tokener, list);
	json_tokener_free(tokener);
	return ret;
}

static int take_all(const char *name, int fd, struct passport_list *list)
{
	u32 before = list->count;
	bool stored;
	size_t size;
	char *data = read_all(fd, &size);
	int ret;

	if (!data)
		return vdectl_error("%s: %s", name, strerror(errno));
	ret = take_stored(data, size, list, &stored);
	if (!ret && !stored)
		ret = take_json(name, data, size, list);
	free(data);
	if (!ret && list->count == before)
		ret = vdectl_error("%s: there is no passport in it", name);
	return ret;
}

/**
 * passport_read - read passports, or say what is wrong with them
 * @path: file, or "-" for standard input
 * @list: to extend; to free also on failure
 *
 * Return: VDECTL_OK or VDECTL_ERROR.
 */
int passport_read(const char *path, struct passport_list *list)
{
	struct vdectl_input input;
	int ret = vdectl_input_open(path, &input);

	if (ret)
		return ret;
	ret = take_all(input.name, input.fd, list);
	vdectl_input_close(&input);
	return ret;
}
