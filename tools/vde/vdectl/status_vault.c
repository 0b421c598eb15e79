// SPDX-License-Identifier: GPL-2.0-only
/* The status of an active vault: its status line, and how it is shown. */
#include <inttypes.h>
#include <stddef.h>

#include "status.h"

/* Numbers of a vault's status line after <region>, in its order. */
static const size_t numbers[] = {
	offsetof(struct vde_ioc_vault_status, passports),
	offsetof(struct vde_ioc_vault_status, verified),
	offsetof(struct vde_ioc_vault_status, unverifiable),
	offsetof(struct vde_ioc_vault_status, bad),
	offsetof(struct vde_ioc_vault_status, rejected_adds),
};

static bool parse_word(const char *line, u32 n, u64 *number)
{
	char word[64];

	return table_word(line, n, word, sizeof(word)) &&
	       !vdectl_parse_number(word, number);
}

/**
 * status_parse_vault - read a vault's status line
 * @status: @device is set; @region, @vault and @mode are filled
 *
 * It is <region> <numbers...> <used>/<blocks> <holds> <mode>, maybe with more one
 * day.
 *
 * Return: false if it is something else.
 */
bool status_parse_vault(struct status *status)
{
	struct vde_ioc_vault_status *vault = &status->vault;
	const char *line = status->device->status;
	u64 used, blocks, holds, number;
	char word[64];
	u32 n = 1;

	if (!parse_word(line, 0, &status->region))
		return false;
	for (; n <= ARRAY_SIZE(numbers); n++) {
		if (!parse_word(line, n, &number))
			return false;
		*(__u64 *)((void *)vault + numbers[n - 1]) = number;
	}
	if (!table_word(line, n, word, sizeof(word)) ||
	    sscanf(word, "%" SCNu64 "/%" SCNu64, &used, &blocks) != 2 ||
	    !parse_word(line, n + 1, &holds))
		return false;
	vault->used_blocks = used;
	vault->blocks = blocks;
	vault->holds = holds;
	return table_word(line, n + 2, status->mode, sizeof(status->mode));
}

/**
 * status_print_vault_row - a vault as a line of a table
 * @status: filled and understood
 * @first: print the head of the table, too
 */
void status_print_vault_row(const struct status *status, bool first)
{
	const struct vde_ioc_vault_status *vault = &status->vault;
	char used[48];

	if (first)
		printf("%-16s %-6s %6s %10s %10s %12s %6s %8s %17s %6s %-6s %s\n",
		       "NAME", "KIND", "REGION", "PASSPORTS", "VERIFIED",
		       "UNVERIFIABLE", "BAD", "REJECTED", "USED/BLOCKS",
		       "HOLDS", "MODE", "DEVICE");
	snprintf(used, sizeof(used), "%" PRIu64 "/%" PRIu64,
		 (u64)vault->used_blocks, (u64)vault->blocks);
	printf("%-16s %-6s %6" PRIu64 " %10" PRIu64 " %10" PRIu64 " %12" PRIu64
	       " %6" PRIu64 " %8" PRIu64 " %17s %6" PRIu64 " %-6s %s\n",
	       status->device->name, status->kind, status->region,
	       (u64)vault->passports, (u64)vault->verified,
	       (u64)vault->unverifiable, (u64)vault->bad,
	       (u64)vault->rejected_adds, used, (u64)vault->holds,
	       status->mode, status->path);
}

static void print_asked(const struct vde_ioc_vault_status *vault)
{
	char text[VDECTL_TEXT_SIZE];

	printf("removed:          %" PRIu64 "\n", (u64)vault->removed);
	printf("free:             %" PRIu64 " bytes\n", (u64)vault->free_bytes);
	printf("attested time:    %s\n",
	       vdectl_time_text(text, vault->attested));
	if (vault->state & VDE_IOC_VAULT_NO_ECDSA)
		puts("the kernel has no ECDSA: no passport can be verified or added");
	if (vault->state & VDE_IOC_VAULT_VERIFYING)
		printf("verification is under way: %" PRIu64 " passports are left\n",
		       (u64)vault->unchecked);
	if (vault->state & VDE_IOC_VAULT_DAMAGED)
		printf("damaged: %" PRIu64 " of %" PRIu64
		       " stored passports could be read\n",
		       (u64)(vault->passports + vault->removed - vault->damaged),
		       (u64)vault->stored);
}

/**
 * status_print_vault - all that is particular to a vault
 * @status: filled and understood
 */
void status_print_vault(const struct status *status)
{
	const struct vde_ioc_vault_status *vault = &status->vault;

	printf("passports:        %" PRIu64 "\n", (u64)vault->passports);
	printf("signatures:       %" PRIu64 " verified, %" PRIu64
	       " unverifiable, %" PRIu64 " bad\n", (u64)vault->verified,
	       (u64)vault->unverifiable, (u64)vault->bad);
	printf("rejected adds:    %" PRIu64 "\n", (u64)vault->rejected_adds);
	printf("legal holds:      %" PRIu64 "\n", (u64)vault->holds);
	printf("used:             %" PRIu64 " of %" PRIu64 " blocks\n",
	       (u64)vault->used_blocks, (u64)vault->blocks);
	if (status->asked)
		print_asked(vault);
}

/**
 * status_add_vault_json - all that is particular to a vault, for programs
 * @object: to extend
 * @status: filled and understood
 */
void status_add_vault_json(struct json_object *object,
			   const struct status *status)
{
	const struct vde_ioc_vault_status *vault = &status->vault;

	json_add_number(object, "passports", vault->passports);
	json_add_number(object, "verified", vault->verified);
	json_add_number(object, "unverifiable", vault->unverifiable);
	json_add_number(object, "bad", vault->bad);
	json_add_number(object, "rejected_adds", vault->rejected_adds);
	json_add_number(object, "used_blocks", vault->used_blocks);
	json_add_number(object, "blocks", vault->blocks);
	json_add_number(object, "holds", vault->holds);
	if (!status->asked)
		return;
	json_add_number(object, "removed", vault->removed);
	json_add_number(object, "stored", vault->stored);
	json_add_number(object, "unchecked", vault->unchecked);
	json_add_number(object, "free_bytes", vault->free_bytes);
	json_add_number(object, "commits", vault->commits);
	json_add_time(object, "attested", vault->attested);
	json_add_bool(object, "no_ecdsa",
		      vault->state & VDE_IOC_VAULT_NO_ECDSA);
	json_add_bool(object, "verifying",
		      vault->state & VDE_IOC_VAULT_VERIFYING);
	json_add_bool(object, "damaged", vault->state & VDE_IOC_VAULT_DAMAGED);
}
