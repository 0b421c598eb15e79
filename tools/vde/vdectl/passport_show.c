// SPDX-License-Identifier: GPL-2.0-only
/* Passports on standard output. */
#include <unistd.h>

#include "passport.h"

/**
 * passport_put - write passports, one as an object, several as an array
 * @passports: to write
 * @count: how many
 * @binary: in their stored form, one after the other
 *
 * Return: VDECTL_OK, or VDECTL_ERROR after a message.
 */
int passport_put(const struct passport *passports, u32 count, bool binary)
{
	struct json_object *list;
	struct vde_passport parts;
	u32 i;

	if (binary && isatty(STDOUT_FILENO))
		return vdectl_error("the stored form is not for a terminal");
	for (i = 0; binary && i < count; i++)
		fwrite(passports[i].bytes, passports[i].size, 1, stdout);
	if (binary)
		return VDECTL_OK;
	if (count == 1) {
		passport_parts(passports, &parts);
		return json_print(passport_json(&parts));
	}
	list = json_object_new_array();
	for (i = 0; i < count; i++) {
		passport_parts(&passports[i], &parts);
		json_object_array_add(list, passport_json(&parts));
	}
	return json_print(list);
}

static void print_texts(const struct vde_passport *parts)
{
	char text[VDECTL_TEXT_SIZE];

	printf("issuer:         %s\n",
	       vdectl_safe_text(text, parts->issuer, parts->issuer_length));
	if (parts->status == VDE_PASSPORT_REMOVED)
		return;
	printf("notes:          %s\n",
	       vdectl_safe_text(text, parts->notes, parts->notes_length));
}

/**
 * passport_print - a passport for people
 * @parts: of it
 * @verdict: VDE_IOC_VERDICT_*
 * @traits: VDE_IOC_PASSPORT_*
 */
void passport_print(const struct vde_passport *parts, u32 verdict, u32 traits)
{
	bool removed = parts->status == VDE_PASSPORT_REMOVED;
	char uuid[VDE_UUID_TEXT_SIZE];
	char text[VDECTL_TEXT_SIZE];

	vde_guid_format(parts->id, uuid);
	printf("id:             %s\n", uuid);
	vde_guid_format(parts->object, uuid);
	printf("object:         %s\n", uuid);
	printf("framework:      %s\n",
	       vde_passport_framework_name(parts->framework));
	printf("status:         %s%s\n",
	       vde_passport_status_name(parts->status),
	       traits & VDE_IOC_PASSPORT_RELEASED ? ", released" : "");
	printf("issued:         %s\n", vdectl_time_text(text, parts->issued));
	printf("expires:        %s%s\n", parts->expires ?
	       vdectl_time_text(text, parts->expires) : "never",
	       traits & VDE_IOC_PASSPORT_EXPIRED ? ", expired" : "");
	printf("%s  %s\n", removed ? "removed:      " : "last verified:",
	       vdectl_time_text(text, parts->verified));
	print_texts(parts);
	printf("signature:      %s\n", passport_verdict_name(verdict));
}
