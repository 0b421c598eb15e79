# SPDX-License-Identifier: GPL-2.0-only
"""The region directory."""
import hashlib
import struct

from .block import Damage, is_zero, need, read_block, tag_name
from .xxh64 import xxh64

SLOTS = 127
SLOT = 32
ACTIVE, WORM, READ_ONLY = 1, 8, 16
COMMIT_BLOCKS = 16
KINDS = {"WORM": "worm", "STRE": "stream", "CMVT": "vault"}
LIST = SLOTS * SLOT


def log_blocks(capacity):
    """Metadata blocks of a WORM region."""
    return 1 + (max(0, capacity - 77) + 77) // 78


class Slot:
    def __init__(self, data, index):
        tag, self.flags, self.start, self.count, self.used = \
            struct.unpack_from("<IIqqq", data, index * SLOT)
        self.tag = tag_name(tag)
        self.index = index
        self.end = self.start + self.count

    def check(self, total):
        where = "slot %d: " % self.index
        need(self.count > 0, "slot", where + "%d blocks" % self.count)
        need(0 <= self.used <= self.count, "slot",
             where + "%d of %d blocks used" % (self.used, self.count))
        need(self.start >= 10 and self.end <= total, "slot",
             where + "blocks %d..%d of %d" % (self.start, self.end - 1, total))

    def need_flags(self, want):
        need(self.flags & ~READ_ONLY == want, "slot",
             "slot %d: %s has flags %d" % (self.index, self.tag, self.flags))


class Region:
    def __init__(self, slots, number, volume_uuid):
        self.owner = slots[0].tag
        self.kind = KINDS[self.owner]
        self.number = number
        self.name = "%s region %d" % (self.kind, number)
        self.first_slot = slots[0].index
        self.read_only = bool(slots[0].flags & READ_ONLY)
        self.metadata, self.commits = slots[0], slots[1]
        self.data = slots[2] if len(slots) > 2 else None
        self.slots = slots
        self.uuid = region_uuid(volume_uuid, self.first_slot)

    def capacity(self):
        return (self.data or self.metadata).count

    def blocks(self):
        return sum(slot.count for slot in self.slots)


def region_uuid(volume_uuid, first_slot):
    digest = bytearray(hashlib.sha256(
        bytes(volume_uuid) + struct.pack("<I", first_slot)).digest()[:16])
    digest[7] = digest[7] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def load(device, group, report):
    """The regions, or None when the directory is refused."""
    slots = group.blocks[1].payload
    where = "region directory"
    try:
        directory = read_block(device, 8)
        directory.check("RMAP", 1)
    except Damage as damage:
        report.warning(damage.code, where, damage.text, 8)
        directory = None
    directory = check_header(device, directory, report)
    try:
        need(not directory or directory.payload == slots, "directory-differs",
             "the copy in the %s superblock group is another" % group.name)
        return check_slots(slots, group.superblock)
    except Damage as damage:
        report.error(damage.code, where, damage.text, 8)
        return None


def check_header(device, directory, report):
    """The directory, if it and its header are sound."""
    try:
        header = read_block(device, 9)
        header.check("RMAP", 1)
        version, slots, active, unused, checksum = struct.unpack_from(
            "<HHHHQ", header.payload)
        need((version, slots, unused) == (1, SLOTS, 0) and
             is_zero(header.payload[16:]), "directory-header",
             "version %d, %d slots, or what is unused" % (version, slots))
        if directory:
            need(checksum == xxh64(directory.payload), "directory-header",
                 "checksum of the directory")
            need(active == active_slots(directory.payload), "directory-header",
                 "%d active slots, not %d" %
                 (active, active_slots(directory.payload)))
        return directory
    except Damage as damage:
        report.warning(damage.code, "region directory header", damage.text, 9)
        return None


def active_slots(payload):
    for index in range(SLOTS):
        if is_zero(payload[index * SLOT:(index + 1) * SLOT]):
            return index
    return SLOTS


def check_slots(payload, superblock):
    count = active_slots(payload)
    need(is_zero(payload[count * SLOT:]), "slot",
         "something follows the first unused slot, %d" % count)
    slots = [Slot(payload, index) for index in range(count)]
    for slot in slots:
        slot.check(superblock.total)
    check_overlaps(slots)
    return make_regions(slots, superblock.uuid)


def check_overlaps(slots):
    ordered = sorted(slots, key=lambda slot: slot.start)
    for slot, after in zip(ordered, ordered[1:]):
        need(slot.end <= after.start, "slot",
             "slots %d and %d overlap" % (slot.index, after.index))


def make_regions(slots, volume_uuid):
    regions, numbers = [], {}
    while slots:
        kind = slots[0].tag
        need(kind in KINDS, "slot",
             "slot %d: no region begins with %s" % (slots[0].index, kind))
        length = 2 if kind == "CMVT" else 3
        check_run(slots[:length], length)
        regions.append(Region(slots[:length], numbers.get(kind, 0),
                              volume_uuid))
        numbers[kind] = numbers.get(kind, 0) + 1
        slots = slots[length:]
    return regions


def check_run(run, length):
    first = run[0].index
    need([slot.tag for slot in run[1:]] == ["MWAL", "DATA"][:length - 1],
         "slot", "slot %d: %s" % (first, " ".join(s.tag for s in run)))
    need(len({slot.flags & READ_ONLY for slot in run}) == 1, "slot",
         "slot %d: a region that is read-only in part" % first)
    run[0].need_flags(ACTIVE)
    run[1].need_flags(ACTIVE)
    need(run[1].count == COMMIT_BLOCKS, "slot",
         "slot %d: %d blocks of commits" % (first + 1, run[1].count))
    if run[0].tag == "WORM":
        run[2].need_flags(ACTIVE | WORM)
        want = log_blocks(run[2].count)
        need(run[0].count == want, "slot", "slot %d: %d blocks, not %d" %
             (first, run[0].count, want))
    elif run[0].tag == "STRE":
        run[2].need_flags(ACTIVE)
        need(run[0].count == 1, "slot",
             "slot %d: %d blocks, not 1" % (first, run[0].count))
