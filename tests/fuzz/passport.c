// SPDX-License-Identifier: GPL-2.0-only
/* Passports. Input: how many bytes may belong to it, a passport, clocks. */
#include <stdlib.h>

#include "fuzz.h"

static void check_accepted(const u8 *buffer, size_t room,
			   struct vde_passport *passport, s64 now)
{
	u8 again[VDE_PASSPORT_MAX], id[16];
	u32 size = passport->size;

	REQUIRE(size >= VDE_PASSPORT_MIN && size <= VDE_PASSPORT_MAX);
	REQUIRE(size <= room && passport->signed_size == size - 64);
	REQUIRE(passport->issuer_length <= 128);
	REQUIRE(passport->notes_length <= 256);
	REQUIRE(vde_passport_framework_name(passport->framework));
	REQUIRE(vde_passport_status_name(passport->status));
	REQUIRE(!memchr(passport->issuer, 0, passport->issuer_length));
	vde_passport_released_hold(passport, id);
	REQUIRE(!vde_passport_expired(passport, now) ||
		(passport->expires > 0 && passport->expires <= now));
	memset(again, 0xEE, sizeof(again));
	vde_passport_encode(passport, again);
	REQUIRE(passport->size == size && !memcmp(again, buffer, size));

	vde_passport_remove(again, size, now);
	REQUIRE(!vde_passport_decode(again, size, passport));
	REQUIRE(passport->size == size);
	REQUIRE(passport->status == VDE_PASSPORT_REMOVED);
	REQUIRE(passport->verified == now);
	REQUIRE(!memcmp(again, buffer, offsetof(struct vde_disk_passport,
						status)));
}

static void check_clock(struct fuzz *fuzz)
{
	s64 clock = fuzz_u64(fuzz) & S64_MAX;
	s64 first_clock = fuzz_u64(fuzz) & S64_MAX;
	s64 first_time = fuzz_u64(fuzz) & S64_MAX;
	s64 created = fuzz_u64(fuzz) & S64_MAX;
	s64 time = fuzz_u64(fuzz) & S64_MAX;
	s64 attested = vde_passport_attested_clock(clock, first_time,
						   first_clock, created, time);

	REQUIRE(attested >= clock);
	if (time < first_time)
		REQUIRE(attested == clock || attested < first_clock);
}

void fuzz_one(struct fuzz *fuzz)
{
	size_t room = fuzz_u32(fuzz) % (VDE_PASSPORT_MAX + 10);
	s64 now = fuzz_u64(fuzz) & S64_MAX;
	struct vde_passport passport;
	/* Its own allocation: not a byte beyond may be looked at */
	u8 *buffer = malloc(room + !room);

	REQUIRE(buffer);
	fuzz_take(fuzz, buffer, room);
	if (!fuzz_fault(vde_passport_decode(buffer, room, &passport)))
		check_accepted(buffer, room, &passport, now);
	free(buffer);
	check_clock(fuzz);
}
