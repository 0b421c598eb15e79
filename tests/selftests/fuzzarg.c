// SPDX-License-Identifier: GPL-2.0-only
/* charfuzz: random numbers, and what each command is likely to be called with. */
#include <linux/dm-vde.h>
#include <stdlib.h>
#include <string.h>

#include "charfuzz.h"

uint64_t pick(uint64_t below)
{
	return ((uint64_t)random() << 31 | random()) % below;
}

/* Numbers where something may break */
uint64_t number(void)
{
	static const uint64_t edges[] = {
		0, 1, 2, 4095, 4096, 4097, 8193, 1ULL << 24, (1ULL << 24) + 1,
		INT32_MAX, 1ULL << 31, UINT32_MAX, 1ULL << 32, 1ULL << 52,
		INT64_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 4095,
	};

	switch (pick(4)) {
	case 0:
		return edges[pick(sizeof(edges) / sizeof(*edges))];
	case 1:
		return pick(20);
	case 2:
		return pick(1 << 14);
	default:
		return (uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^
		       random();
	}
}

/* Where @length bytes may be, or not be */
uintptr_t place(uint64_t length)
{
	uint64_t inside = length < ROOM ? length : ROOM;

	switch (pick(10)) {
	case 0:
		return 0;
	case 1:
		return pick(4096);
	case 2:
		return number();
	case 3:
		return UINT64_MAX - pick(1 << 20);
	case 4:
		return 0xffff800000000000ULL + pick(1ULL << 40);
	case 5:
		return (uintptr_t)room + ROOM - pick(inside + 1);
	case 6:
		return (uintptr_t)fixed + pick(2048);
	default:
		return (uintptr_t)room + pick(ROOM - inside + 1);
	}
}

static void fill_append(unsigned char *arg)
{
	struct vde_ioc_append *append = (void *)arg;

	append->length = number();
	append->data = place(append->length);
}

static void fill_record(unsigned char *arg)
{
	struct vde_ioc_record *record = (void *)arg;

	record->index = number();
}

static void fill_records(unsigned char *arg)
{
	struct vde_ioc_records *records = (void *)arg;

	records->first = number();
	records->count = pick(2) ? pick(200) : number();
	records->record_size = pick(3) ? 56 + pick(80) : number();
	records->records = place(records->count * 56);
}

static void fill_scrub_start(unsigned char *arg)
{
	struct vde_ioc_scrub_start *start = (void *)arg;

	start->from = number();
	start->rate = number();
}

static void fill_retention(unsigned char *arg)
{
	struct vde_ioc_retention *retention = (void *)arg;

	retention->retention = 1 + pick(1ULL << 40);
}

/* Whole blocks: a stream takes nothing else */
static void fill_stream_append(unsigned char *arg)
{
	struct vde_ioc_append *append = (void *)arg;

	append->length = pick(4) ? pick(40) * 4096 : number();
	append->data = place(append->length);
}

static void fill_consume(unsigned char *arg)
{
	struct vde_ioc_stream_consume *consume = (void *)arg;

	consume->flags = pick(2);
	consume->position = pick(2) ? pick(100) : number();
}

/* Seldom a good one, so that the ring is full now and then */
static void fill_stream_reset(unsigned char *arg)
{
	struct vde_ioc_stream_reset *reset = (void *)arg;

	reset->flags = !!pick(10);
}

static void fill_wait(unsigned char *arg)
{
	struct vde_ioc_stream_wait *wait = (void *)arg;

	wait->position = pick(2) ? pick(100) : number();
	wait->timeout = pick(9) ? pick(3) : number();
}

static uint32_t peek32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* The next passport of the file, or one that is not quite one */
static void make_add(struct vde_ioc_vault_add *add)
{
	uint32_t issuer, size;

	if (passports_left < VDE_IOC_PASSPORT_MAX || pick(4) == 0) {
		add->length = pick(2) ? pick(600) : number();
		add->data = place(add->length);
		return;
	}
	issuer = peek32(passports + 60);
	size = 132 + issuer + peek32(passports + 64 + issuer);
	add->length = pick(8) ? size : size + 1 - pick(3);
	add->data = (uintptr_t)room + 8192;
	memcpy(room + 8192, passports, size);
	if (!pick(3))
		room[8192 + pick(size)] ^= 1 << pick(8);
	else if (pick(4))
		passports += size, passports_left -= size;
}

/* One that was tried lately is there, perhaps */
static void take_tried(unsigned char id[16])
{
	memcpy(id, room + 8192, 16);
}

static void fill_add(unsigned char *arg)
{
	make_add((void *)arg);
}

static void fill_get(unsigned char *arg)
{
	struct vde_ioc_vault_get *get = (void *)arg;

	get->length = pick(2) ? VDE_IOC_PASSPORT_MAX : number();
	get->data = place(get->length);
	take_tried(get->id);
}

static void fill_list(unsigned char *arg)
{
	struct vde_ioc_vault_list *list = (void *)arg;

	list->flags = pick(3) ? 0 : pick(64);
	list->cursor = pick(2) ? pick(100) : number();
	list->count = pick(2) ? pick(200) : number();
	list->entry_size = pick(3) ? 208 + pick(80) : number();
	list->entries = place(list->count * 208);
}

static void fill_verify(unsigned char *arg)
{
	struct vde_ioc_vault_verify *verify = (void *)arg;

	verify->flags = pick(2);
	verify->cursor = !verify->flags ? 0 : pick(2) ? pick(100) : number();
	verify->count = pick(9) ? 1 + pick(9) : number();
	verify->entry_size = pick(3) ? 24 + pick(80) : number();
	verify->entries = place(verify->count * 24);
	if (!verify->flags)
		take_tried(verify->id);
}

static void fill_remove(unsigned char *arg)
{
	struct vde_ioc_vault_remove *remove = (void *)arg;

	take_tried(remove->id);
}

static const struct command worm[] = {
	{ VDE_IOC_INFO, sizeof(struct vde_ioc_info), NULL },
	{ VDE_IOC_STATUS, sizeof(struct vde_ioc_status), NULL },
	{ VDE_IOC_APPEND, sizeof(struct vde_ioc_append), fill_append },
	{ VDE_IOC_RECORD, sizeof(struct vde_ioc_record), fill_record },
	{ VDE_IOC_RECORDS, sizeof(struct vde_ioc_records), fill_records },
	{ VDE_IOC_SCRUB_START, sizeof(struct vde_ioc_scrub_start),
	  fill_scrub_start },
	{ VDE_IOC_SCRUB_STOP, sizeof(struct vde_ioc_scrub_stop), NULL },
	{ VDE_IOC_SCRUB_STATUS, sizeof(struct vde_ioc_scrub_status), NULL },
	{ VDE_IOC_RETENTION_GET, sizeof(struct vde_ioc_retention), NULL },
	{ VDE_IOC_RETENTION_EXTEND, sizeof(struct vde_ioc_retention),
	  fill_retention },
	{ VDE_IOC_RESET, sizeof(struct vde_ioc_reset), NULL },
};

static const struct command stream[] = {
	{ VDE_IOC_INFO, sizeof(struct vde_ioc_info), NULL },
	{ VDE_IOC_APPEND, sizeof(struct vde_ioc_append), fill_stream_append },
	{ VDE_IOC_STREAM_STATUS, sizeof(struct vde_ioc_stream_status), NULL },
	{ VDE_IOC_STREAM_CONSUME, sizeof(struct vde_ioc_stream_consume),
	  fill_consume },
	{ VDE_IOC_STREAM_RESET, sizeof(struct vde_ioc_stream_reset),
	  fill_stream_reset },
	{ VDE_IOC_STREAM_WAIT, sizeof(struct vde_ioc_stream_wait), fill_wait },
};

static const struct command vault[] = {
	{ VDE_IOC_INFO, sizeof(struct vde_ioc_info), NULL },
	{ VDE_IOC_VAULT_ADD, sizeof(struct vde_ioc_vault_add), fill_add },
	{ VDE_IOC_VAULT_GET, sizeof(struct vde_ioc_vault_get), fill_get },
	{ VDE_IOC_VAULT_LIST, sizeof(struct vde_ioc_vault_list), fill_list },
	{ VDE_IOC_VAULT_VERIFY, sizeof(struct vde_ioc_vault_verify),
	  fill_verify },
	{ VDE_IOC_VAULT_REMOVE, sizeof(struct vde_ioc_vault_remove),
	  fill_remove },
	{ VDE_IOC_VAULT_STATUS, sizeof(struct vde_ioc_vault_status), NULL },
};

#define COMMANDS(list) { list, sizeof(list) / sizeof(*(list)) }

const struct commands commands[3] = {
	[VDE_IOC_KIND_WORM] = COMMANDS(worm),
	[VDE_IOC_KIND_STREAM] = COMMANDS(stream),
	[VDE_IOC_KIND_VAULT] = COMMANDS(vault),
};
