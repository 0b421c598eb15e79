// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole volumes, as vdectl check reads them: $FUZZ_IMAGES is a directory of
 * good ones. Input: which image, then changes: a block, an offset, how (bits
 * 0..2: bytes less one, bit 3: leave the checksum alone, bit 4: a later block
 * of a long region), the bytes.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "libvde.h"

#define IMAGES 16
#define CHANGES 24

static struct image {
	u8 *good;	/* as it was read */
	u8 *now;	/* of the file at @fd */
	size_t blocks;
	int fd;
} images[IMAGES];

static u32 count;

static void load(struct image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;

	REQUIRE(fd >= 0 && !fstat(fd, &stat));
	image->blocks = stat.st_size / VDE_BLOCK_SIZE;
	image->good = mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	image->fd = memfd_create("volume", 0);
	REQUIRE(image->good != MAP_FAILED && image->fd >= 0);
	REQUIRE(write(image->fd, image->good, stat.st_size) == stat.st_size);
	image->now = mmap(NULL, stat.st_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED, image->fd, 0);
	REQUIRE(image->now != MAP_FAILED);
	close(fd);
}

static void load_all(void)
{
	const char *dir = getenv("FUZZ_IMAGES");
	char pattern[4096];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/*.img", dir ? dir : ".");
	REQUIRE(!glob(pattern, 0, NULL, &found));
	for (; count < found.gl_pathc && count < IMAGES; count++)
		load(&images[count], found.gl_pathv[count]);
	globfree(&found);
}

/* Most of an image is data, of which one block is like another. */
static u32 change(struct fuzz *fuzz, struct image *image)
{
	u32 block = fuzz_u8(fuzz), offset = fuzz_u32(fuzz);
	u8 how = fuzz_u8(fuzz);

	if (how & 16)
		block = block << 8 | fuzz_u8(fuzz);
	block %= image->blocks;
	offset = (offset & 0xFFFF) % (VDE_BLOCK_SIZE - 8);
	fuzz_take(fuzz, image->now + block * VDE_BLOCK_SIZE + offset,
		  1 + (how & 7));
	if (!(how & 8))
		fuzz_seal(image->now + block * VDE_BLOCK_SIZE, 0);
	return block;
}

static void look_at(void *context, const struct vde_finding *finding)
{
	u32 *errors = context;

	fuzz_fault(finding->fault);
	*errors += finding->severity == VDE_ERROR;
}

static void check(struct image *image, bool changed)
{
	struct vde_volume volume;
	struct vde_check check = {
		.volume = &volume,
		.data = true,
		.finding = look_at,
	};
	u32 errors = 0;
	char path[64];

	check.context = &errors;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", image->fd);
	REQUIRE(!vde_volume_open(&volume, path, 0));
	fuzz_fault(volume.fault);
	REQUIRE(!vde_check_volume(&check));
	REQUIRE(check.done <= check.total);
	if (!changed)
		REQUIRE(!errors && !volume.fault);
	vde_volume_close(&volume);
}

void fuzz_one(struct fuzz *fuzz)
{
	u32 changed[CHANGES], changes = 0;
	struct image *image;

	if (!count)
		load_all();
	image = &images[fuzz_u8(fuzz) % count];
	while (fuzz->left && changes < CHANGES)
		changed[changes++] = change(fuzz, image);
	check(image, changes);
	while (changes--)
		memcpy(image->now + changed[changes] * VDE_BLOCK_SIZE,
		       image->good + changed[changes] * VDE_BLOCK_SIZE,
		       VDE_BLOCK_SIZE);
}
