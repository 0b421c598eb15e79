// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz fuzz = { .data = data, .left = size };

	fuzz_one(&fuzz);
	return 0;
}

void fuzz_take(struct fuzz *fuzz, void *to, size_t size)
{
	size_t got = size < fuzz->left ? size : fuzz->left;

	memset(to, 0, size);
	if (!got)
		return;
	memcpy(to, fuzz->data, got);
	fuzz->data += got;
	fuzz->left -= got;
}

u8 fuzz_u8(struct fuzz *fuzz)
{
	u8 value;

	fuzz_take(fuzz, &value, sizeof(value));
	return value;
}

u32 fuzz_u32(struct fuzz *fuzz)
{
	__le32 value;

	fuzz_take(fuzz, &value, sizeof(value));
	return le32_to_cpu(value);
}

u64 fuzz_u64(struct fuzz *fuzz)
{
	__le64 value;

	fuzz_take(fuzz, &value, sizeof(value));
	return le64_to_cpu(value);
}

u64 fuzz_size(struct fuzz *fuzz, u64 most)
{
	u8 shift = fuzz_u8(fuzz) % 64;

	return 1 + (fuzz_u64(fuzz) >> shift) % most;
}

void fuzz_seal(void *block, u32 tag)
{
	struct vde_disk_block *b = block;

	if (tag)
		b->trailer.tag = cpu_to_le32(tag);
	b->trailer.checksum = cpu_to_le64(XXH64(b, VDE_PAYLOAD_SIZE, 0));
}

enum vde_fault fuzz_fault(enum vde_fault fault)
{
	REQUIRE((u32)fault < VDE_FAULTS_COUNT);
	REQUIRE(*vde_fault_phrase(fault));
	REQUIRE(!vde_fault_errno(fault) == !fault);
	return fault;
}

void fuzz_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}
