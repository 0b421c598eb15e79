# SPDX-License-Identifier: GPL-2.0-only
"""What a power cut may leave in the commit slot that is written next."""
from .block import ZEROS, bits_between, low32, tag_number, u32, u64
from .xxh64 import is_one_bit_off, xxh64


class Slot:
    """Sectors of the commit that was due, and of the one that it was to replace.

    The one that was due may have been cut more than once. Where a cut and a bit that
    flipped both explain it, it was a cut; but sectors of two images that differ in one
    bit by chance, where a passport begins or ends with a sector, are taken for damage.
    """

    def __init__(self, found, commits, due):
        """`commits` are the valid ones of the region, up to the one before `due`."""
        self.record, self.image = found.record, found.image
        self.found = found
        self.due = due
        self.old = max(due - 8, 0)
        self.commits = {commit.sequence: commit for commit in commits}

    def is_torn(self):
        """Can it have come from such a cut?"""
        return self.found.sequence in (self.old, self.due) and \
            all(self.is_end(block) for block in (self.record, self.image)) and \
            not self.is_flipped()

    def is_end(self, block):
        """Of one of the two commits? The trailer is all in the last sector."""
        tag = tag_number("MWAL")
        return (block.tag, block.generation) in (
            (tag, low32(self.due)),
            (tag if self.old else 0, low32(self.old)))

    def is_flipped(self):
        """Is it rather one of the two, or zeros, but for one bit?"""
        if bits_between(self.record.data + self.image.data, 2 * ZEROS) == 1:
            return True
        record, image = self.record.is_sound("MWAL"), self.image.is_sound("MWAL")
        if record and self.record.generation != low32(self.found.sequence):
            return True
        if record and image:
            return self.is_written_so()
        if record:
            return self.is_image_flipped()
        return image and is_one_bit_off(self.record.payload, self.record.stored)

    def is_written_so(self):
        """Sound blocks are each of one commit, whole: can it be the same one?"""
        if xxh64(self.image.payload) != self.found.image_hash:
            return False
        return self.image.generation == self.record.generation or \
            not self.may_both_image_this()

    def may_both_image_this(self):
        """Of WORM regions an image changes with each block that is sealed."""
        mark = u64(self.found.state, 0)
        return self.found.owner != tag_number("WORM") or not mark or all(
            u64(commit.state, 0) == mark for commit in self.commits.values())

    def is_image_flipped(self):
        wanted = self.found.image_hash
        if self.image.generation != low32(self.found.sequence):
            return False
        if xxh64(self.image.payload) == wanted:
            return bin(self.image.stored ^ wanted).count("1") == 1
        return self.image.stored == wanted and not self.is_count_of_other() and \
            is_one_bit_off(self.image.payload, wanted)

    def is_count_of_other(self):
        """Does a vault's first block count the passports of another commit?

        The first sectors of two images need not differ in anything else.
        """
        count, found = u32(self.found.state, 0), u32(self.image.payload, 0)
        whole = self.found.state[:4] + self.image.payload[4:]
        return self.found.owner == tag_number("CMVT") and not self.found.imaged and \
            found != count and found in self.counts_of_others() and \
            xxh64(whole) == self.found.image_hash

    def counts_of_others(self):
        """What a commit here can count, by its neighbours: each adds one at most."""
        near = [(self.due - 1, 1)]
        if self.found.sequence == self.due:
            near.append((self.old + 1, -1))
        for sequence, step in near:
            if sequence in self.commits:
                count = u32(self.commits[sequence].state, 0)
                yield from (count, count + step)
