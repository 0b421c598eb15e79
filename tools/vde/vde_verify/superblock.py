# SPDX-License-Identifier: GPL-2.0-only
"""The fields of a superblock."""
import struct

from .block import (BLOCK, LAST_SEQUENCE, MAX, PAYLOAD, guid, i64, is_zero,
                    need, time_text, u32, u64, utf8)

# Features: what this program understands
INCOMPATIBLE_WORM = 1 << 1
READ_ONLY_STREAM = 1 << 2
COMPATIBLE_CHAIN = 1 << 2
COMPATIBLE_VAULT = 1 << 3
COMPATIBLE_DIRTY = 1 << 6
MANIFEST = 1 << 1 | 1 << 6 | 1 << 11

# What dm-vde always writes: offset, format, value, name
CONSTANTS = (
    (0x05, "<B", 0, "minor version"), (0x06, "<H", 1, "revision"),
    (0x10, "<H", 2, "minimum reader"), (0x12, "<H", 2, "minimum writer"),
    (0x20, "<I", MANIFEST, "module manifest"),
    (0x24, "<Q", 0, "module configuration"),
    (0x2C, "<Q", 0, "extended module configuration"),
    (0x7C, "<H", 304, "inode size"), (0x7E, "<H", 0, "zone id"),
    (0x80, "<I", 1, "policy version"), (0x84, "<I", 0, "replication epoch"),
    (0x90, "<Q", 0, "key fingerprint"), (0xF8, "<q", 0, "error map blocks"),
)
# What is zero: first byte, end
ZERO_RANGES = ((0x0D, 0x10), (0x68, 0x78), (0x7B, 0x7C), (0x118, 0x128),
               (0x130, PAYLOAD))
# What an update may change: first byte, end
CHANGING = ((0x1C, 0x20), (0x88, 0x90), (0xE0, 0xF8), (0x100, 0x118))


class Superblock:
    def __init__(self, payload):
        self.payload = payload
        self.incompatible = u32(payload, 0x14)
        self.read_only_compatible = u32(payload, 0x18)
        self.compatible = u32(payload, 0x1C)
        self.total = i64(payload, 0x38)
        self.free = i64(payload, 0x40)
        self.allocated = i64(payload, 0x50)
        self.physical = i64(payload, 0x128)
        self.uuid = payload[0x58:0x68]
        self.hwm = i64(payload, 0x88)
        self.sequence = i64(payload, 0xF0)
        self.dirty = bool(self.compatible & COMPATIBLE_DIRTY)

    def check(self, device):
        """Raises Damage for what makes a reader refuse it."""
        data = self.payload
        need(data[:4] == b"DWVD" and data[8:13] == b"dw://", "magic",
             "the magic is not DWVD's")
        need(data[4] == 2, "version", "major version is %d, not 2" % data[4])
        need(struct.unpack_from("<H", data, 0x10)[0] <= 2, "version",
             "wants a newer reader")
        need(not self.incompatible & ~INCOMPATIBLE_WORM, "feature",
             "incompatible features 0x%x are not known" % self.incompatible)
        size = struct.unpack_from("<i", data, 0x34)[0]
        need(size == BLOCK, "block-size", "block size is %d" % size)
        need(data[0x78:0x7B] == b"\0\0\1", "algorithm",
             "compression, encryption and checksum are %d, %d, %d, not 0, 0, 1" %
             tuple(data[0x78:0x7B]))
        self.check_sizes(device)

    def check_sizes(self, device):
        need(10 <= self.total < 1 << 51, "size",
             "%d blocks in total" % self.total)
        need(i64(self.payload, 0x48) == self.total * BLOCK, "size",
             "expected size is %d bytes for %d blocks" %
             (i64(self.payload, 0x48), self.total))
        need(0 <= self.free <= self.total - 10 and
             self.allocated == self.total - self.free, "size",
             "%d blocks in total, %d free, %d allocated" %
             (self.total, self.free, self.allocated))
        need(1 <= self.sequence <= MAX - 1, "sequence",
             "checkpoint sequence is %d" % self.sequence)
        need(device.blocks >= self.total, "short-device",
             "the device has %d blocks, the volume %d" %
             (device.blocks, self.total))

    def oddities(self):
        """What no reader minds, but dm-vde would not have written."""
        for offset, form, want, name in CONSTANTS:
            got = struct.unpack_from(form, self.payload, offset)[0]
            if got != want:
                yield "%s is %d, not %d" % (name, got, want)
        for first, end in ZERO_RANGES:
            if not is_zero(self.payload[first:end]):
                yield "bytes 0x%x..0x%x are not zero" % (first, end - 1)
        if not self.compatible & COMPATIBLE_CHAIN:
            yield "the feature of a tamper-proof chain is not set"
        if self.sequence > LAST_SEQUENCE:
            yield "checkpoint sequence %d leaves no room for writing" % \
                self.sequence
        if self.read_only_compatible & ~READ_ONLY_STREAM:
            yield "read-only compatible features 0x%x are not known" % \
                self.read_only_compatible
        known = COMPATIBLE_CHAIN | COMPATIBLE_VAULT | COMPATIBLE_DIRTY
        if self.compatible & ~known:
            yield "compatible features 0x%x are not known" % self.compatible
        if self.physical != self.allocated:
            yield "%d blocks are physically allocated, %d allocated" % (
                self.physical, self.allocated)

    def check_label(self):
        label = self.payload[0x98:0xD8]
        text, _, rest = label.partition(b"\0")
        need(is_zero(rest), "label", "something follows the label's end")
        return utf8(text, "label")

    def check_contents(self, regions):
        """Do features and sizes agree with the directory?"""
        kinds = {region.kind for region in regions}
        for flags, flag, kind in (
                (self.incompatible, INCOMPATIBLE_WORM, "worm"),
                (self.read_only_compatible, READ_ONLY_STREAM, "stream"),
                (self.compatible, COMPATIBLE_VAULT, "vault")):
            need(bool(flags & flag) == (kind in kinds), "feature",
                 "the feature bit of %s regions contradicts the directory" % kind)
        used = sum(region.blocks() for region in regions)
        need(self.free == self.total - 10 - used, "size",
             "%d blocks are said to be free, but the directory leaves %d" %
             (self.free, self.total - 10 - used))

    def same_but_for_an_update(self, other):
        mine, theirs = bytearray(self.payload), bytearray(other.payload)
        for first, end in CHANGING:
            mine[first:end] = theirs[first:end] = bytes(end - first)
        return mine == theirs

    def facts(self, label):
        return {
            "uuid": guid(self.uuid), "label": label, "dirty": self.dirty,
            "sequence": self.sequence, "blocks": self.total,
            "free": self.free, "created": time_text(i64(self.payload, 0xD8)),
            "modified": time_text(i64(self.payload, 0xE0)),
            "last_scrub": time_text(i64(self.payload, 0xE8)),
            "key_fingerprint": u64(self.payload, 0x90),
        }
