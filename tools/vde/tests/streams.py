# SPDX-License-Identifier: GPL-2.0-only
"""Volumes with streams, as volume.py makes those with WORM regions.

Written against the same document, and block by block: nothing here computes
where a position must lie or how far a ring must have grown.
"""
import hashlib
import struct
import sys

import volume
from volume import BLOCK, GUID, Region, Volume, xxh64

NO_IMAGE = (1 << 64) - 1
OVERWRITE, STOP = 0, 1


def entry_of(position):
    """Contents of the block at a position."""
    return hashlib.sha512(b"s%d" % position).digest() * (BLOCK // 64)


class Stream(Region):
    TAG = "STRE"
    DATA_FLAGS = 1
    INCOMPATIBLE, READ_ONLY_COMPATIBLE, COMPATIBLE = 0, 4, 0

    def __init__(self, volume, slot, start, capacity, growth, policy):
        super().__init__(volume, slot, capacity, start)
        self.growth, self.policy = growth, policy
        self.allocated = self.head = self.tail = 0
        self.entries = None

    def meta_blocks(self):
        return 1

    def header(self):
        entries = self.head - self.tail if self.entries is None else \
            self.entries
        return struct.pack("<5qiI", self.capacity, self.allocated, self.head,
                           self.tail, entries, self.growth, self.policy)

    def log_payload(self, block):
        return b"" if block == NO_IMAGE else self.header()

    def write(self, count):
        """Grow, lose the oldest, write: one block at a time; then commit."""
        for _ in range(count):
            if self.head == self.allocated:
                self.allocated = min(self.capacity,
                                     self.allocated + self.growth)
            if self.head - self.tail == self.capacity:
                assert self.policy == OVERWRITE
                self.tail += 1
            self.volume.put(self.data + self.head % self.capacity,
                            entry_of(self.head))
            self.head += 1
        self.commit(NO_IMAGE)

    def consume(self, count):
        self.tail += count
        self.commit(NO_IMAGE)

    def start_anew(self):
        self.head = self.tail = 0
        self.commit(NO_IMAGE)

    def close(self):
        self.commit(0, clean=True)
        self.write_in_place(0)


class Wanted:
    """A stream among a volume's capacities."""

    def __init__(self, capacity, growth=16, policy=OVERWRITE):
        self.wanted = capacity, growth, policy

    def region(self, volume, slot, start):
        return Stream(volume, slot, start, *self.wanted)


def compare(path, label, *regions):
    """As volume.compare(); BLOCKS is a WORM region, BLOCKS:GROWTH:POLICY a
    stream."""
    with open(path, "rb") as file:
        image = file.read()
    now = struct.unpack_from("<q", image, 0xD8)[0]
    wanted = []
    for text in regions:
        numbers = [int(n) for n in text.split(":")]
        wanted.append(Wanted(*numbers) if len(numbers) > 1 else numbers[0])
    expected = Volume(len(image) // BLOCK, wanted, GUID, label, 0,
                      now).format()
    for number, block in expected.blocks.items():
        got = image[number * BLOCK:(number + 1) * BLOCK]
        if got != block:
            at = [i for i in range(BLOCK) if got[i] != block[i]]
            sys.exit("block %d differs at bytes %s" % (number, at[:20]))


def fresh():
    made = Volume(1024, [Wanted(100, 16), 50, Wanted(40, 7, STOP)],
                  GUID, "streams").format()
    made.update(dirty=True)
    return made


def active(path):
    """Dirty: one ring three laps on, one consumed, a WORM region between."""
    made = fresh()
    ring, worm, stopped = made.regions
    for count in (1, 15, 1, 60, 100, 130):
        ring.write(count)
    for hwm in (1, 20, 30):
        worm.append(hwm)
    stopped.write(30)
    stopped.consume(25)
    stopped.write(20)
    made.write(path)
    return made


def closed(path):
    made = active(path)
    for region in made.regions:
        region.close()
    made.update(dirty=False)
    made.write(path)
    return made


def reset(path, how="active"):
    """Positions have started anew, twice, and grown again."""
    made = active(path)
    ring = made.regions[0]
    ring.start_anew()
    ring.write(17)
    ring.start_anew()
    ring.write(3)
    if how == "closed":
        for region in made.regions:
            region.close()
        made.update(dirty=False)
    made.write(path)


def reopened(path):
    """Closed, active again, and left behind: the header in place is older."""
    made = closed(path)
    made.update(dirty=True)
    made.regions[0].write(12)
    made.regions[2].consume(3)
    made.write(path)
    return made


def far(path):
    """Counters near the end of what the format has numbers for."""
    made = fresh()
    ring = made.regions[0]
    ring.allocated, ring.head = 100, (1 << 63) - 20
    ring.tail = ring.head - 100
    for _ in range(8):
        ring.commit(NO_IMAGE)
    ring.write(19)
    made.write(path)


def wrong(path, what):
    """A newest commit, sound but for the state, which cannot be."""
    made = active(path)
    ring = made.regions[0]
    if what == "capacity":
        ring.capacity += 1
    elif what == "allocated":
        ring.allocated += 1
    elif what == "negative":
        ring.head, ring.tail = -5, -9
    elif what == "tail":
        ring.tail = ring.head + 1
    elif what == "too_many":
        ring.tail = ring.head - 101
    elif what == "entries":
        ring.entries = 99
    elif what == "beyond":
        ring.allocated, ring.tail = 90, ring.head - 50
    elif what == "growth":
        ring.growth = 0
    elif what == "policy":
        ring.policy = 2
    ring.commit(NO_IMAGE)
    made.write(path)


def history(path, what):
    """Commits that are all sound, but cannot have followed each other."""
    made = active(path)
    ring = made.regions[0]
    if what == "head":
        ring.head -= 1
    elif what == "tail":
        ring.tail -= 1
        ring.head -= 1
    elif what == "shrunk":
        ring.head = ring.tail = 0
        ring.allocated -= 16
    elif what == "growth":
        ring.growth += 1
    elif what == "policy":
        ring.policy = STOP
    ring.commit(NO_IMAGE)
    made.write(path)


def header(path, what):
    """Unclean, with a header in place that no close can have written."""
    made = reopened(path)
    ring = made.regions[0]
    payload = bytearray(ring.header().ljust(volume.PAYLOAD, b"\0"))
    sequence = ring.sequence
    if what == "future":
        sequence += 1
    elif what == "allocated":
        payload[8:16] = struct.pack("<q", 101)
    elif what == "padding":
        payload[4000] = 1
    elif what == "growth":
        payload[40:44] = struct.pack("<i", 15)
    made.put(ring.start, volume.seal(bytes(payload), "STRE", sequence))
    made.write(path)


def commit_cut(path, count, how="active"):
    """A commit of the first stream cut after `count` sectors of its slot."""
    made = closed(path) if how == "closed" else active(path)
    ring = made.regions[0]
    while how == "lapped" and ring.sequence < 12:
        ring.write(1)
    where = ring.next_slot()
    old = made.slot(where)
    if how == "closed":
        made.update(dirty=True)
    ring.write(5)
    made.cut_slot(where, old, count)
    made.write(path)


def garbage(path, seed):
    """Random bytes everywhere in the metadata, under valid checksums."""
    import random
    rng = random.Random(int(seed))
    made = active(path)
    rings = [made.regions[0], made.regions[2]]
    numbers = [n for n in sorted(made.blocks)
               if n < 10 or any(r.start <= n < r.data for r in rings)]
    for number in rng.sample(numbers, 8):
        block = bytearray(made.blocks[number])
        for _ in range(rng.randrange(1, 4)):
            at = rng.choice((rng.randrange(volume.PAYLOAD),
                             0x40 + rng.randrange(48), rng.randrange(48)))
            block[at:at + 8] = rng.choice((
                b"\xff" * 8, bytes(8), rng.randbytes(8),
                struct.pack("<q", 1 << rng.randrange(63))))
        tag = struct.unpack_from("<I", block, volume.PAYLOAD)[0]
        tag = tag.to_bytes(4, "big")
        generation = struct.unpack_from("<I", block, volume.PAYLOAD + 4)[0]
        if tag.isalpha():
            block = volume.seal(bytes(block[:volume.PAYLOAD]),
                                tag.decode("latin1"), generation)
            # A slot's record block repeats the checksum of its image
            if tag == b"MWAL" and number - 1 in made.blocks and \
                    rng.randrange(2):
                fix_record(made, number - 1, block)
        made.put(number, bytes(block[:BLOCK]))
    made.write(path)


def fix_record(made, number, image):
    record = made.blocks[number]
    if record[volume.PAYLOAD:volume.PAYLOAD + 4] != b"LAWM":
        return
    generation = struct.unpack_from("<I", record, volume.PAYLOAD + 4)[0]
    payload = record[:0x28] + struct.pack("<Q", xxh64(
        image[:volume.PAYLOAD])) + record[0x30:volume.PAYLOAD]
    made.put(number, volume.seal(payload, "MWAL", generation))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
