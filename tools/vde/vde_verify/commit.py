# SPDX-License-Identifier: GPL-2.0-only
"""One commit slot: its record and its image."""
import struct

from .block import (MAX, Block, PAYLOAD, ZEROS, bits_between, guid, i64, is_zero,
                    low32, need, tag_name, tag_number, time_text, u32, u64)
from .xxh64 import is_one_bit_off, xxh64

CLEAN, HELD = 1, 2
NO_IMAGE = (1 << 64) - 1
STATE = slice(0x30, 0x70)
STATE_BYTES = {"WORM": 40, "STRE": 48, "CMVT": 16}
RESETS, RESET = 16, 96
TREE = slice(0x100, 0x908)
# What no commit uses; the rest of these is of WORM regions alone
ZERO_RANGES = ((0x80, 0x100), (0x908, 0x910), (0xF30, PAYLOAD))
WORM_RANGE = (0x910, 0xF20)


class Reset:
    def __init__(self, data):
        self.time, self.clock, self.removed, self.uid = struct.unpack_from(
            "<qqQI", data)
        self.comm = data[28:44]
        self.root = data[44:76]
        self.rest = data[76:]

    def check(self, capacity):
        need(is_zero(self.rest) and is_zero(self.root), "reset",
             "unused bytes of a reset are not zero")
        need(self.clock >= 0 and self.removed <= capacity, "reset",
             "a reset at clock %d of %d records" % (self.clock, self.removed))

    def facts(self):
        return {"time": time_text(self.time), "clock_ticks": self.clock,
                "removed": self.removed, "uid": self.uid,
                "comm": self.comm.split(b"\0")[0].decode("utf-8", "replace")}


class Commit:
    """The two blocks of a slot, which need not be a commit at all."""

    def __init__(self, record, image):
        self.record, self.image = record, image
        payload = record.payload
        self.sequence = u64(payload, 0)
        self.owner = u32(payload, 0x08)
        self.flags = u32(payload, 0x0C)
        self.time = i64(payload, 0x10)
        self.clock = i64(payload, 0x18)
        self.imaged = u64(payload, 0x20)
        self.image_hash = u64(payload, 0x28)
        self.state = payload[STATE]
        self.uuid = payload[0x70:0x80]
        self.resets = u64(payload, 0x910)
        self.sealed_clock = i64(payload, 0xF18)
        self.attested = i64(payload, 0xF20)
        self.attested_clock = i64(payload, 0xF28)
        self.clean = bool(self.flags & CLEAN)
        self.held = bool(self.flags & HELD)

    def is_empty(self):
        return self.record.is_zero() and self.image.is_zero()

    def reset_entries(self):
        for i in range(RESETS):
            at = 0x918 + i * RESET
            yield self.record.payload[at:at + RESET]

    def check(self, region, slot):
        """Raises Damage unless this is a commit of that region and slot."""
        self.record.check("MWAL", low32(self.sequence))
        need(1 <= self.sequence <= MAX - 1 and self.sequence % 8 == slot,
             "commit", "sequence %d in slot %d" % (self.sequence, slot))
        self.image.check("MWAL", low32(self.sequence))
        need(xxh64(self.image.payload) == self.image_hash, "commit",
             "the image is not the one that the record names")
        need(self.owner == tag_number(region.owner), "commit",
             "a commit of %s" % tag_name(self.owner))
        need(self.uuid == region.uuid, "commit",
             "a commit of region %s, not %s" %
             (guid(self.uuid), guid(region.uuid)))
        self.check_fields(region)
        self.check_unused(region)

    def check_fields(self, region):
        need(not self.flags & ~(CLEAN | HELD), "commit",
             "flags 0x%x" % self.flags)
        need(self.clock >= 0, "commit", "clock is %d" % self.clock)
        need(self.attested >= 0 and self.attested_clock >= 0, "attestation",
             "attested time %d at clock %d" %
             (self.attested, self.attested_clock))
        if self.imaged == NO_IMAGE:
            need(is_zero(self.image.payload), "commit", "an image of nothing")
        else:
            need(self.imaged < region.metadata.count, "commit",
                 "images block %d of %d" % (self.imaged, region.metadata.count))

    def check_unused(self, region):
        payload = self.record.payload
        need(is_zero(payload[TREE]), "tree", "a Merkle tree, which nobody builds")
        ranges = list(ZERO_RANGES)
        ranges.append((0x30 + STATE_BYTES[region.owner], 0x70))
        if region.owner != "WORM":
            ranges.append(WORM_RANGE)
        for first, end in ranges:
            need(is_zero(payload[first:end]), "not-zero",
                 "bytes 0x%x..0x%x are not zero" % (first, end - 1))

    # What a power cut may leave in the slot that is written next ----------------

    def is_torn(self, sequence):
        """Every sector of what lies here, or of the commit of this sequence?

        As far as it can be told: the first sector of the record and the last of
        both blocks say to which of the two they belong.
        """
        old = sequence - 8
        tags, generations = (tag_number("MWAL"),), (low32(old), low32(sequence))
        if old < 1:
            old, tags, generations = 0, tags + (0,), (0, low32(sequence))
        return self.sequence in (old, sequence) and all(
            b.tag in tags and b.generation in generations
            for b in (self.record, self.image)) and not self.is_whole() and \
            not self.is_one_bit()

    def is_whole(self):
        return self.is_sealed(self.record) and self.is_sealed(self.image) and \
            xxh64(self.image.payload) == self.image_hash

    def is_sealed(self, block):
        return block.is_sound("MWAL") and \
            block.generation == low32(self.sequence)

    def is_one_bit(self):
        """Would it be whole, or nothing, if one bit of it were flipped?"""
        if bits_between(self.record.data + self.image.data, 2 * ZEROS) == 1:
            return True
        record_is_sealed = self.is_sealed(self.record)
        if record_is_sealed == self.is_sealed(self.image):
            return False
        if record_is_sealed:
            return self.is_one_bit_off(self.image, self.image_hash) and \
                not self.is_count_torn()
        return self.image_hash_bits() <= 1 and \
            self.is_one_bit_off(self.record, self.record.stored)

    def is_count_torn(self):
        """Does the image count the passports of the slot's other commit?

        If both image the vault's first block, a tear may leave just that: each commit
        adds one passport at most.
        """
        count, found = u32(self.state, 0), u32(self.image.payload, 0)
        whole = self.state[:4] + self.image.payload[4:]
        return self.owner == tag_number("CMVT") and not self.imaged and \
            0 < abs(count - found) <= 8 and xxh64(whole) == self.image_hash

    def image_hash_bits(self):
        """The flipped bit can be one of the record's hash of its image."""
        return bin(self.image_hash ^ self.image.stored).count("1")

    def is_one_bit_off(self, block, checksum):
        """Does this differ in one bit from the block that belongs here?"""
        generation = low32(self.sequence)
        if block is self.record:
            generation = self.image.generation
        wrong = bin(block.tag ^ tag_number("MWAL")).count("1") + \
            bin(block.generation ^ generation).count("1") + \
            bin(block.stored ^ checksum).count("1")
        if xxh64(block.payload) == checksum:
            # A cut between two commits that image the same leaves just that
            return wrong == 1 and abs(block.generation - generation) != 8
        return not wrong and is_one_bit_off(block.payload, checksum)


def read_commit(device, first, slot):
    """OSError when one of its blocks cannot be read."""
    return Commit(Block(device.read(first + 2 * slot)),
                  Block(device.read(first + 2 * slot + 1)))
