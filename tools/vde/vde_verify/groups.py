# SPDX-License-Identifier: GPL-2.0-only
"""The two superblock groups, and which of them is in force."""
from .block import (PAYLOAD, SECTOR, Damage, bits_between, is_zero, low32, need,
                    read_block)
from .superblock import Superblock

TAGS = ("SUPB", "RMAP", "EXMD", "IANT")
NAMES = ("superblock", "region pointers", "extended metadata",
         "integrity anchor")


class Group:
    """One group of four blocks; damage is a list of (block, Damage)."""

    def __init__(self, device, name, first):
        self.name = name
        self.first = first
        self.blocks = [None] * 4
        self.damage = []
        self.superblock = None
        for i in range(4):
            try:
                self.blocks[i] = read_block(device, first + i)
            except Damage as damage:
                self.damage.append((i, damage))
        if self.blocks[0]:
            self.superblock = Superblock(self.blocks[0].payload)
            self.check_trailers()

    def check_trailers(self):
        generation = low32(self.superblock.sequence)
        for i, block in enumerate(self.blocks):
            try:
                if block:
                    block.check(TAGS[i], generation)
            except Damage as damage:
                self.damage.append((i, damage))

    def is_valid(self):
        return not self.damage

    def has_magic(self):
        return bool(self.blocks[0]) and self.blocks[0].payload[:4] == b"DWVD"

    def data(self):
        return b"".join(block.data for block in self.blocks)


def load(device, report):
    """The group in force after telling about both, or None."""
    primary, mirror = Group(device, "primary", 0), Group(device, "mirror", 4)
    valid = [group for group in (primary, mirror) if group.is_valid()]
    if not valid:
        for group in (primary, mirror):
            tell_damage(report.error, group)
        return None
    newest = max(valid, key=lambda group: group.superblock.sequence)
    if len(valid) == 1:
        tell_invalid(report, mirror if newest is primary else primary, newest)
    else:
        compare(report, primary, mirror)
    return newest


def tell_damage(tell, group):
    for i, damage in group.damage:
        tell(damage.code, "%s superblock group" % group.name,
             "%s: %s" % (NAMES[i], damage.text), group.first + i)


def tell_invalid(report, group, valid):
    if None not in group.blocks and is_interrupted(group, valid):
        report.note("torn-group", "%s superblock group" % group.name,
                    "an update of it was interrupted", group.first)
        return
    tell_damage(report.warning, group)


def compare(report, primary, mirror):
    ahead = mirror.superblock.sequence - primary.superblock.sequence
    if not ahead:
        if primary.data() != mirror.data():
            report.error("group-differs", "mirror superblock group",
                         "same sequence as the primary, other content", 4)
    elif ahead == 1 and mirror.superblock.same_but_for_an_update(
            primary.superblock):
        report.note("torn-group", "primary superblock group",
                    "an update was interrupted before it", 0)
    else:
        report.warning("group-age", "superblock groups",
                       "sequences %d and %d: no update leaves that" %
                       (primary.superblock.sequence,
                        mirror.superblock.sequence), 0)


def is_interrupted(group, valid):
    """Could a cut have left this? A single flipped bit is damage, though.

    The mirror is written first: it may be on its way from what the primary is to
    the sequence after it, the primary from the sequence before to what the mirror
    is. In the first format there is nothing before.
    """
    if bits_between(group.data(), valid.data()) == 1:
        return False
    step = 1 if group.name == "mirror" else -1
    sequence = valid.superblock.sequence
    if group.name == "primary" and sequence == 1:
        return all(block.is_zero() or block.data == good.data
                   for block, good in zip(group.blocks, valid.blocks))
    return all(may_be_on_the_way(i, block, good, sequence + step)
               for i, (block, good) in
               enumerate(zip(group.blocks, valid.blocks)))


def may_be_on_the_way(i, block, good, sequence):
    if block.data == good.data:
        return True
    if block.is_sound(TAGS[i]) and block.generation == low32(sequence):
        return i or is_version(block.payload, good, sequence)
    return not i and is_torn(block, good, sequence)


def is_version(payload, good, sequence):
    superblock = Superblock(payload)
    return superblock.sequence == sequence and \
        superblock.same_but_for_an_update(Superblock(good.payload))


def is_torn(block, good, sequence):
    """A superblock's fields are in its first sector, its trailer in the last."""
    if not is_zero(block.data[SECTOR:PAYLOAD]) or block.tag != good.tag:
        return False
    if block.data[:SECTOR] == good.data[:SECTOR]:
        return block.generation == low32(sequence)
    return block.data[-SECTOR:] == good.data[-SECTOR:] and \
        is_version(block.payload, good, sequence)


def check_contents(report, group):
    """What the blocks beside the superblock hold."""
    extended, anchor = group.blocks[2].payload, group.blocks[3].payload
    where = "%s superblock group" % group.name
    try:
        need(is_zero(extended), "not-zero", "extended metadata is not zero")
        need(is_zero(anchor[32:]), "not-zero",
             "integrity anchor: something follows the root")
        need(is_zero(anchor), "root",
             "integrity anchor: a root, but no tree is built")
    except Damage as damage:
        report.warning(damage.code, where, damage.text, group.first + 2)
