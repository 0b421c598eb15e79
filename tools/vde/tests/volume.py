# SPDX-License-Identifier: GPL-2.0-only
"""DWVD volumes from the format document, without the project's own code.

Written against Documentation/admin-guide/device-mapper/dm-vde-format.rst, so
that a mistake in the rules cannot hide: what vdectl writes is compared with
what this builds, and what this builds must satisfy vdectl.
"""
import hashlib
import json
import struct
import sys
import uuid

BLOCK = 4096
PAYLOAD = 4080
MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F,
                      0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                      0x27D4EB2F165667C5)
EPOCH = 621355968000000000


def rotl(value, count):
    return (value << count | value >> (64 - count)) & MASK


def xxh64(data):
    def mix(acc, lane):
        return rotl((acc + lane * P2) & MASK, 31) * P1 & MASK

    pos = 0
    if len(data) >= 32:
        v = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        while pos + 32 <= len(data):
            lanes = struct.unpack_from("<4Q", data, pos)
            v = [mix(acc, lane) for acc, lane in zip(v, lanes)]
            pos += 32
        h = sum(rotl(acc, r) for acc, r in zip(v, (1, 7, 12, 18))) & MASK
        for acc in v:
            h = ((h ^ mix(0, acc)) * P1 + P4) & MASK
    else:
        h = P5
    h = (h + len(data)) & MASK
    while pos + 8 <= len(data):
        h ^= mix(0, struct.unpack_from("<Q", data, pos)[0])
        h = (rotl(h, 27) * P1 + P4) & MASK
        pos += 8
    if pos + 4 <= len(data):
        h ^= struct.unpack_from("<I", data, pos)[0] * P1 & MASK
        h = (rotl(h, 23) * P2 + P3) & MASK
        pos += 4
    for byte in data[pos:]:
        h = rotl(h ^ byte * P5 & MASK, 11) * P1 & MASK
    h = (h ^ h >> 33) * P2 & MASK
    h = (h ^ h >> 29) * P3 & MASK
    return h ^ h >> 32


def seal(payload, tag, generation):
    payload = payload.ljust(PAYLOAD, b"\0")
    number = int.from_bytes(tag.encode(), "big")
    return payload + struct.pack("<IIQ", number, generation & 0xFFFFFFFF,
                                 xxh64(payload))


def meta_blocks(capacity):
    return 1 + -(-max(0, capacity - 77) // 78)


def open_block(hwm):
    """Metadata block of the newest record."""
    return 0 if hwm <= 77 else 1 + (hwm - 1 - 77) // 78


def data_of(number):
    """Contents of a data block and the length of what the user wrote."""
    length = BLOCK if number % 7 != 3 else 1 + number % BLOCK
    text = hashlib.sha512(b"%d" % number).digest() * (BLOCK // 64)
    return text[:length].ljust(BLOCK, b"\0"), length


class Region:
    """A WORM region; streams.py and vaults.py have the other kinds."""
    TAG = "WORM"
    DATA_FLAGS = 9
    INCOMPATIBLE, READ_ONLY_COMPATIBLE, COMPATIBLE = 2, 0, 0
    SLOTS = 3

    def __init__(self, volume, slot, capacity, start):
        self.slot = slot
        self.capacity = capacity
        self.start = start
        self.meta = self.meta_blocks()
        self.commits = start + self.meta
        self.data = self.commits + 16
        self.end = self.data + capacity
        self.volume = volume
        self.retention = volume.retention
        self.sequence = 0
        self.hwm = 0
        self.clock = 0
        self.sealed_clock = 0
        self.resets = []
        seed = volume.uuid.bytes_le + struct.pack("<I", self.slot)
        guid = bytearray(hashlib.sha256(seed).digest()[:16])
        guid[7] = guid[7] & 0x0F | 0x80
        guid[8] = guid[8] & 0x3F | 0x80
        self.uuid = bytes(guid)

    def meta_blocks(self):
        return meta_blocks(self.capacity)

    def header(self):
        return struct.pack("<4qII", self.hwm, self.capacity,
                           self.retention, self.volume.now, self.hwm, 0)

    def record(self, number):
        data, length = data_of(number)
        return struct.pack("<qqi", number, self.volume.now + number,
                           length) + hashlib.sha256(data[:length]).digest()

    def log_payload(self, block):
        first, count = (0, 77) if not block else (77 + 78 * (block - 1), 78)
        last = min(self.hwm, first + count)
        text = b"" if block else self.header()
        text += b"".join(self.record(n) for n in range(first, last))
        return text.ljust(PAYLOAD, b"\0")

    def write_in_place(self, block):
        self.volume.put(self.start + block,
                        seal(self.log_payload(block), self.TAG, self.sequence))

    def commit(self, imaged, clean=False, sequence=None):
        self.sequence = sequence or self.sequence + 1
        image = seal(self.log_payload(imaged), "MWAL", self.sequence)
        owner = int.from_bytes(self.TAG.encode(), "big")
        state = struct.pack("<QIIqqQQ", self.sequence, owner, 1 if clean else 0, self.volume.now,
                            self.clock, imaged, xxh64(image[:PAYLOAD])) + self.header()
        state = (state.ljust(0x70, b"\0") + self.uuid).ljust(0x910, b"\0")
        state += struct.pack("<Q", len(self.resets))
        state += b"".join(self.resets[:-17:-1])
        state = state.ljust(0xF18, b"\0") + struct.pack("<q", self.sealed_clock)
        record = seal(state, "MWAL", self.sequence)
        where = self.commits + 2 * (self.sequence % 8)
        self.volume.put(where, record)
        self.volume.put(where + 1, image)

    def next_slot(self):
        """Block of the slot that the next commit goes to."""
        return self.commits + 2 * ((self.sequence + 1) % 8)

    def append(self, hwm):
        """Data, the log blocks that become full, and a commit."""
        for number in range(self.hwm, hwm):
            self.volume.put(self.data + number, data_of(number)[0])
        before = open_block(self.hwm)
        self.hwm = hwm
        self.sequence += 1
        for block in range(before, open_block(hwm)):
            self.write_in_place(block)
        self.commit(open_block(hwm), sequence=self.sequence)

    def reset(self, uid, comm):
        """One commit; data and full log blocks stay as they are."""
        self.resets.append(struct.pack("<qqQI16s", self.volume.now + 9,
                                       self.clock, self.hwm, uid, comm)
                           .ljust(96, b"\0"))
        self.hwm = self.sealed_clock = 0
        self.commit(0)

    def close(self):
        self.write_in_place(open_block(self.hwm))
        self.commit(0, clean=True)
        self.write_in_place(0)


class Volume:
    """Of its capacities each is a number or has a method region()."""

    def __init__(self, total, capacities, guid, label="", retention=0,
                 now=EPOCH + 17 * 10**15):
        self.uuid = uuid.UUID(guid)
        self.total, self.label = total, label
        self.retention, self.now = retention, now
        self.blocks = {}
        self.sequence = 0
        self.regions = []
        self.slots = 0
        start = 10
        for capacity in capacities:
            make = getattr(capacity, "region", None)
            self.regions.append(make(self, self.slots, start) if make else
                                Region(self, self.slots, capacity, start))
            start = self.regions[-1].end
            self.slots += self.regions[-1].SLOTS
        self.used = start

    def put(self, number, block):
        assert len(block) == BLOCK
        self.blocks[number] = block

    def slot(self, where):
        """A commit slot, two blocks."""
        return self.blocks[where] + self.blocks[where + 1]

    def put_slot(self, where, data):
        self.put(where, bytes(data[:BLOCK]))
        self.put(where + 1, bytes(data[BLOCK:]))

    def cut_slot(self, where, old, count):
        """Only the first `count` sectors of what replaced `old` there are on the disk."""
        new = self.slot(where)
        self.put_slot(where, new[:512 * int(count)] + old[512 * int(count):])

    def tear_slot(self, where, old, sectors, how):
        """What replaced `old` there is on the disk but for some sectors, or only these."""
        new = self.slot(where)
        if how == "only":
            old, new = new, old
        mixed = bytearray(new)
        for sector in sectors.split(","):
            part = slice(512 * int(sector), 512 * int(sector) + 512)
            mixed[part] = old[part]
        self.put_slot(where, mixed)

    def directory(self):
        text = b""
        for region in self.regions:
            for tag, flags, start, count in (
                    (region.TAG, 1, region.start, region.meta),
                    ("MWAL", 1, region.commits, 16),
                    ("DATA", region.DATA_FLAGS, region.data,
                     region.capacity))[:region.SLOTS]:
                text += struct.pack("<IIqqq",
                                    int.from_bytes(tag.encode(), "big"),
                                    flags, start, count, 0)
        return text.ljust(PAYLOAD, b"\0")

    def superblock(self, dirty):
        text = b"DWVD" + struct.pack("<BBH", 2, 0, 1) + b"dw://\0\0\0"
        incompatible = read_only_compatible = 0
        compatible = 64 if dirty else 0
        for region in self.regions:
            incompatible |= region.INCOMPATIBLE
            read_only_compatible |= region.READ_ONLY_COMPATIBLE
            compatible |= region.COMPATIBLE
        text += struct.pack("<HHIIII", 2, 2, incompatible,
                            read_only_compatible, 4 | compatible,
                            2 | 64 | 2048)
        text += bytes(16) + struct.pack("<i", BLOCK)
        text += struct.pack("<4q", self.total, self.total - self.used,
                            self.total * BLOCK, self.used)
        text += self.uuid.bytes_le + bytes(16) + bytes([0, 0, 1, 0])
        marks = [r.hwm for r in self.regions if r.TAG == "WORM"] or [0]
        text += struct.pack("<HHIIqQ", 304, 0, 1, 0,
                            marks[0] if not dirty else 0, 0)
        text += self.label.encode().ljust(64, b"\0")
        text += struct.pack("<5q", self.now, self.now + (self.sequence - 1) % 1000, 0,
                            self.sequence, 0)
        text += bytes(16 + 8 + 16) + struct.pack("<q", self.used)
        assert len(text) == 0x130
        return text

    def group(self, dirty):
        return [seal(self.superblock(dirty), "SUPB", self.sequence),
                seal(self.directory(), "RMAP", self.sequence),
                seal(b"", "EXMD", self.sequence),
                seal(b"", "IANT", self.sequence)]

    def update(self, dirty, primary=True):
        """A superblock update, or one that was cut after the mirror."""
        self.sequence += 1
        for number, block in enumerate(self.group(dirty)):
            self.put(4 + number, block)
            if primary:
                self.put(number, block)

    def format(self):
        for region in self.regions:
            for number in range(16):
                self.put(region.commits + number, bytes(BLOCK))
            region.commit(0, clean=True)
            region.write_in_place(0)
        directory = seal(self.directory(), "RMAP", 1)
        header = struct.pack("<HHHHQ", 1, 127, self.slots, 0,
                             xxh64(directory[:PAYLOAD]))
        self.put(8, directory)
        self.put(9, seal(header, "RMAP", 1))
        self.update(dirty=False)
        return self

    def write(self, path):
        with open(path, "wb") as file:
            file.truncate(self.total * BLOCK)
            for number, block in sorted(self.blocks.items()):
                file.seek(number * BLOCK)
                file.write(block)


GUID = "00112233-4455-6677-8899-aabbccddeeff"


def golden():
    """Values of an independent implementation of the format."""
    sums = {0: 0xef46db3751d8e999, 1: 0xe934a84adb052768,
            3: 0xe5c7bb4533bc65dd, 4: 0xffced8604453cc1e,
            8: 0x884a173614b81b8d, 31: 0xc346d2b59b4d8ee1,
            32: 0xcbf59c5116ff32b4, 33: 0x0c535d1acafb8ead,
            63: 0xe26aa9e2a95f8e4f, 64: 0xf7c67301db6713f0,
            100: 0x6ac1e58032166597, 4080: 0x73fe0c487cd81f9c}
    pattern = bytes(i % 256 for i in range(PAYLOAD))
    for length, value in sums.items():
        assert xxh64(pattern[:length]) == value, length
    assert seal(pattern, "WORM", 7)[PAYLOAD:].hex() == \
        "4d524f57070000009c1fd87c480cfe73"
    guid = Volume(1000, [1], GUID).regions[0].uuid
    digest = bytes.fromhex("df40bb71607e3cea457f5d763fe8604c")
    assert guid[:7] + guid[9:] == digest[:7] + digest[9:]


def compare(path, label, retention, *capacities):
    """Is this what format must have written, but for the time it did?"""
    with open(path, "rb") as file:
        image = file.read()
    now = struct.unpack_from("<q", image, 0xD8)[0]
    volume = Volume(len(image) // BLOCK, [int(c) for c in capacities], GUID,
                    label, int(retention) * 10**7, now).format()
    for number, block in volume.blocks.items():
        got = image[number * BLOCK:(number + 1) * BLOCK]
        if got != block:
            at = [i for i in range(BLOCK) if got[i] != block[i]]
            sys.exit("block %d differs at bytes %s" % (number, at[:20]))


def active(path):
    """A dirty volume: sealed data, open log block in the newest commit only."""
    volume = Volume(1024, [500, 100], GUID, "dirty").format()
    volume.update(dirty=True)
    for hwm in (1, 50, 77, 78, 80, 200, 201, 233, 300):
        volume.regions[0].append(hwm)
    volume.write(path)
    return volume


def closed(path):
    """The same, closed cleanly."""
    volume = active(path)
    volume.regions[0].close()
    volume.update(dirty=False)
    volume.write(path)
    return volume


def reset(path, hwm="0", how="active"):
    """Reset 20 times after 300 blocks and more, then appended to again."""
    volume = active(path)
    region = volume.regions[0]
    region.retention = 5 * 10**7
    for number in range(20):
        region.clock += 10**8
        region.reset(1000 + number, b"vdectl\n\xff" if number else b"\0")
        region.append(1 + number)
    region.clock = region.sealed_clock = 10**10
    for mark in range(50, int(hwm), 50):
        region.append(mark)
    region.reset(7, b"sixteen-letters!")
    if int(hwm):
        region.append(int(hwm))
        region.sealed_clock = region.clock - 10**7
    if how == "closed":
        region.close()
        volume.update(dirty=False)
    volume.write(path)


def extended(path):
    """Unclean: retention extended in a commit that is newer than the header."""
    volume = active(path)
    region = volume.regions[0]
    region.retention = 10**12
    region.commit(open_block(region.hwm))
    volume.write(path)


def late(path, sequence, how="active"):
    """A log that was written around a commit of that number, and a header of before."""
    volume = Volume(1024, [500, 100], GUID, "late").format()
    volume.update(dirty=True)
    region = volume.regions[0]
    region.append(100)
    region.sequence = int(sequence, 0) - 11
    for hwm in range(120, 500, 20):
        region.append(hwm)
    if how == "closed":
        region.close()
        volume.update(dirty=False)
    volume.write(path)


def unborn(path):
    """A region that was made before time 0."""
    volume = Volume(1024, [500, 100], GUID)
    region = volume.regions[0]
    region.header = lambda: struct.pack("<4qII", 0, region.capacity, 0, -1, 0, 0)
    volume.format().write(path)


def flagged(path, how):
    """A commit that says "clean", but does not image the header block."""
    volume = active(path)
    volume.regions[0].commit(open_block(300), clean=True)
    if how == "closed":
        volume.update(dirty=False)
    volume.write(path)


def strange(path):
    """Made by a newer version, which lets this one read it."""
    volume = Volume(1024, [500, 100], GUID)
    volume.regions[0].READ_ONLY_COMPATIBLE = 8
    volume.format().write(path)


def worn(path, sequence):
    """Closed; so often that its superblock has that number."""
    volume = active(path)
    volume.regions[0].close()
    volume.sequence = int(sequence, 0) - 1
    volume.update(dirty=False)
    volume.write(path)


def full_header(path):
    """Closed with one region exactly at the end of its header block."""
    volume = Volume(1024, [77, 78, 79], GUID).format()
    volume.update(dirty=True)
    for region in volume.regions:
        region.append(77)
        region.append(region.capacity)
        region.close()
    volume.update(dirty=False)
    volume.write(path)


def edit(path, offset, text):
    with open(path, "r+b") as file:
        file.seek(int(offset, 0))
        file.write(bytes.fromhex(text))


def reset_lines(path):
    """What vdectl log --resets --json must show of `reset`."""
    with open(path) as file:
        report = json.load(file)
    assert report["resets"] == 21
    entries = report["entries"]
    assert [e["number"] for e in entries] == list(range(21, 5, -1))
    assert entries[0]["comm"] == "sixteen-letters!" and entries[0]["uid"] == 7
    for entry in entries[1:]:
        number = entry["number"]
        assert entry["uid"] == 999 + number
        assert entry["comm"] == "vdectl??", entry["comm"]
        assert entry["records"] == number - 1
        assert entry["clock_ticks"] == number * 10**8
        assert entry["time"] == "2023-11-14T22:13:20.0000009Z", entry["time"]


def log_lines(path, hwm):
    """The records that vdectl log --json must show of `active`, as lines."""
    region = Volume(1024, [500, 100], GUID).regions[0]
    with open(path) as file:
        records = json.load(file)["records"]
    assert len(records) == int(hwm)
    for number, record in enumerate(records):
        index, ticks, length = struct.unpack_from("<qqi",
                                                  region.record(number))
        assert (record["index"], record["ticks"], record["length"]) == \
            (index, ticks, length), number
        assert record["sha256"] == region.record(number)[20:].hex(), number


def garbage(path, seed):
    """A volume with random bytes everywhere, under valid checksums."""
    import random
    rng = random.Random(int(seed))
    volume = active(path)
    for number in rng.sample(sorted(volume.blocks), 12) + [8, 9]:
        if number >= volume.regions[0].data:
            continue
        block = bytearray(volume.blocks[number])
        for _ in range(rng.randrange(1, 6)):
            at = rng.choice((rng.randrange(PAYLOAD), rng.randrange(0x130)))
            block[at:at + 8] = rng.choice((
                b"\xff" * 8, bytes(8), rng.randbytes(8),
                struct.pack("<q", 1 << rng.randrange(63))))
        tag = struct.unpack_from("<I", block, PAYLOAD)[0].to_bytes(4, "big")
        generation = struct.unpack_from("<I", block, PAYLOAD + 4)[0]
        block = seal(bytes(block[:PAYLOAD]), tag.decode("latin1"), generation) \
            if tag.isalpha() else bytes(block[:BLOCK])
        volume.put(number, block[:BLOCK])
    if rng.randrange(2):
        for number in range(4):
            volume.put(4 + number, volume.blocks[number])
    volume.write(path)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
