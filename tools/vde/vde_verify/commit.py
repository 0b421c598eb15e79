# SPDX-License-Identifier: GPL-2.0-only
"""One commit slot: its record and its image."""
import struct

from .block import (MAX, Block, PAYLOAD, guid, i64, is_zero, low32, need, tag_name,
                    tag_number, time_text, u32, u64)
from .xxh64 import xxh64

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
        # A clean close images the header block
        self.clean = bool(self.flags & CLEAN) and not self.imaged
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


def read_commit(device, first, slot):
    """OSError when one of its blocks cannot be read."""
    return Commit(Block(device.read(first + 2 * slot)),
                  Block(device.read(first + 2 * slot + 1)))
