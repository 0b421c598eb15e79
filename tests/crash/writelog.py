# SPDX-License-Identifier: GPL-2.0-only
"""Logs of dm-log-writes, and the states of a disk that a power cut could leave.

The log's format is described in the kernel's
Documentation/admin-guide/device-mapper/log-writes.rst. A write stands in the log
where it became durable: behind it comes the flush that covered it, or it was made
with FUA. So a prefix of the log is what a disk without any luck holds. A luckier
one also holds any part of the writes that the next flush is about to cover, and
any part of one write with FUA that was on its way.
"""
import collections
import struct

BLOCK = 4096
SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD, MARK, METADATA = 1, 2, 4, 8, 16


class Entry:
    """One write, flush or mark; data is what was written, or the mark's text."""

    def __init__(self, sector, sectors, flags, data):
        self.sector, self.sectors = sector, sectors
        self.flags = flags
        self.data = data

    def is_flush(self):
        return bool(self.flags & FLUSH)

    def is_mark(self):
        return bool(self.flags & MARK)

    def is_fua(self):
        return bool(self.flags & FUA)

    def pieces(self, size):
        """(offset on the disk, bytes) for each piece of that size."""
        for at in range(0, len(self.data), size):
            yield self.sector + at, self.data[at:at + size]


def read_log(path):
    """All entries, in the order of the log."""
    with open(path, "rb", buffering=1 << 20) as log:
        magic, version, count, size = struct.unpack("<QQQI", log.read(28))
        if magic != MAGIC or version != 1:
            raise ValueError("no log of dm-log-writes")
        log.seek(size)
        return [read_entry(log, size) for _ in range(count)]


def read_entry(log, size):
    head = log.read(size)
    sector, sectors, flags, length = struct.unpack_from("<QQQQ", head)
    if flags & MARK:
        data = head[32:32 + length].split(b"\0")[0]
    elif flags & DISCARD:
        data = bytes(sectors * size)
    else:
        data = log.read(sectors * size)
    return Entry(sector * size, sectors, flags, data)


class State:
    """What a disk holds after some power cut, and what had been promised.

    promised is the number of lines of each journal that had been written.
    """

    def __init__(self, name, image, promised):
        self.name = name
        self.image = image
        self.promised = dict(promised)


class Replay:
    """Goes through a log; image is the disk as it was when logging began.

    A lying disk has not yet written the last so many entries, whatever it said.
    """

    def __init__(self, entries, image, random, lying=0):
        self.entries = entries
        self.image = bytearray(image)
        self.random = random
        self.promised = {}
        self.late = collections.deque([self.image], lying + 1)

    def apply(self, image, entry):
        for at, piece in entry.pieces(len(entry.data) or 1):
            image[at:at + len(piece)] = piece

    def some_of(self, image, entry, tear):
        """Any part of a write, by blocks or by sectors."""
        chance = self.random.choice((0.2, 0.5, 0.8))
        for at, piece in entry.pieces(SECTOR if tear else BLOCK):
            if self.random.random() < chance:
                image[at:at + len(piece)] = piece

    def states(self, wanted):
        """Yields those that wanted(kind, position) asks for, in the log's order.

        Kinds: "flush" and "fua", behind one; "between", behind any other write;
        "reorder", before a flush, with any part of what it covers; "torn", with
        any part of a write with FUA.
        """
        covered = True
        for at, entry in enumerate(self.entries):
            if entry.is_mark():
                # The target makes one of its own when it is removed
                name, colon, lines = entry.data.decode().rpartition(":")
                if colon:
                    self.promised[name] = int(lines)
                continue
            if entry.is_fua() and entry.data:
                yield from self.torn(at, wanted)
            elif covered and not entry.is_flush():
                yield from self.reordered(at, wanted)
            covered = entry.is_flush() or entry.is_fua()
            self.apply(self.image, entry)
            if self.late.maxlen > 1:
                self.late.append(bytes(self.image))
            kind = "flush" if entry.is_flush() else \
                "fua" if covered else "between"
            if wanted(kind, at):
                yield self.state(kind, at)

    def state(self, kind, at, image=None):
        if self.late.maxlen > 1:
            image = self.late[0]
        return State("%s %d" % (kind, at), bytes(image or self.image),
                     self.promised)

    def torn(self, at, wanted):
        for _ in range(wanted("torn", at)):
            image = bytearray(self.image)
            self.some_of(image, self.entries[at], True)
            yield self.state("torn", at, image)

    def reordered(self, first, wanted):
        """Of what the next flush is about to cover, anything may be there."""
        waiting = self.uncovered(first)
        for _ in range(wanted("reorder", first)):
            image = bytearray(self.image)
            for entry in self.random.sample(waiting, len(waiting)):
                if self.random.random() < 0.8:
                    self.some_of(image, entry, self.random.random() < 0.3)
            yield self.state("reorder", first, image)

    def uncovered(self, first):
        """The writes from this one on that the same flush covers."""
        found = []
        for entry in self.entries[first:]:
            if entry.is_flush() or entry.is_fua():
                break
            if not entry.is_mark():
                found.append(entry)
        return found
