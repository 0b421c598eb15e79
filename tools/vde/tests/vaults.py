# SPDX-License-Identifier: GPL-2.0-only
"""Volumes with vaults, as volume.py makes those with WORM regions.

Written against the same document, with passports and ECDSA of its own: what this
signs must satisfy vdectl, and what vdectl signs is verified here.
"""
import hashlib
import json
import struct
import sys
import uuid

import volume
from p256 import N, point_of, public, sign, verify
from volume import BLOCK, EPOCH, GUID, PAYLOAD, Region, Volume, xxh64

# Passports ---------------------------------------------------------------------

NOW = EPOCH + 17 * 10**15
HOLD, RELEASE, REMOVED = 5, 6, 0xFFFF


def guid(number):
    return uuid.UUID("00000000-0000-4000-8000-%012x" % number).bytes_le


def payload(ident, about, framework, status, issued, expires, verified,
            issuer=b"", notes=b""):
    return ident + about + struct.pack("<HHqqqi", framework, status, issued,
                                       expires, verified, len(issuer)) + \
        issuer + struct.pack("<i", len(notes)) + notes


def passport(number, status=1, expires=0, issuer=b"acme", notes=None,
             framework=None, about=None, signature=None):
    data = payload(guid(number), about or guid(1000 + number % 3),
                   number % 9 if framework is None else framework, status,
                   NOW + number, expires, NOW + 2 * number, issuer,
                   b"n" * (number % 200) if notes is None else notes)
    return data + (signature or hashlib.sha512(data).digest())


def tombstone(data, when):
    length = struct.unpack_from("<i", data, 60)[0]
    notes = struct.unpack_from("<i", data, 64 + length)[0]
    kept = bytearray(data[:68 + length] + bytes(notes + 64))
    struct.pack_into("<H", kept, 34, REMOVED)
    struct.pack_into("<q", kept, 52, when)
    return bytes(kept)


class Vault(Region):
    TAG = "CMVT"
    INCOMPATIBLE, READ_ONLY_COMPATIBLE, COMPATIBLE = 0, 0, 8
    SLOTS = 2

    def __init__(self, volume_, slot, start, capacity):
        super().__init__(volume_, slot, capacity, start)
        self.end = self.data
        self.contents = [b""]
        self.count = 0
        self.said = None
        self.retention = 0

    def meta_blocks(self):
        return self.capacity

    def header(self):
        return struct.pack("<QQ", self.count, len(self.contents))

    def log_payload(self, block):
        first = b""
        if not block:
            count = self.count if self.said is None else self.said
            first = struct.pack("<i", count) + bytes(12)
        return (first + self.contents[block]).ljust(PAYLOAD, b"\0")

    def add(self, data):
        last = len(self.contents) - 1
        room = PAYLOAD - (0 if last else 16) - len(self.contents[last])
        if len(data) > room:
            self.write_in_place(last)
            self.contents.append(b"")
            last += 1
        self.contents[last] += data
        self.count += 1
        self.commit(last)

    def remove(self, data):
        last = len(self.contents) - 1
        self.write_in_place(last)
        block = [n for n in range(last + 1) if data in self.contents[n]][0]
        self.contents[block] = self.contents[block].replace(
            data, tombstone(data, NOW + 77))
        self.commit(block)
        self.write_in_place(block)

    def close(self):
        last = len(self.contents) - 1
        self.commit(last)
        self.write_in_place(last)
        self.commit(0, clean=True)
        self.write_in_place(0)


class Wanted:
    """A vault among a volume's capacities."""

    def __init__(self, capacity):
        self.capacity = capacity

    def region(self, volume_, slot, start):
        return Vault(volume_, slot, start, self.capacity)


def compare(path, label, *regions):
    """As volume.compare(); vN is a vault of N blocks."""
    with open(path, "rb") as file:
        image = file.read()
    now = struct.unpack_from("<q", image, 0xD8)[0]
    wanted = [Wanted(int(r[1:])) if r[0] == "v" else int(r) for r in regions]
    expected = Volume(len(image) // BLOCK, wanted, GUID, label, 0,
                      now).format()
    for number, block in expected.blocks.items():
        got = image[number * BLOCK:(number + 1) * BLOCK]
        if got != block:
            at = [i for i in range(BLOCK) if got[i] != block[i]]
            sys.exit("block %d differs at bytes %s" % (number, at[:20]))


def fresh():
    made = Volume(512, [Wanted(12), 50, Wanted(3)], GUID, "vaults").format()
    made.update(dirty=True)
    return made


def active(path):
    """Dirty: passports in several blocks, one removed, a WORM region."""
    made = fresh()
    vault, worm, other = made.regions
    for number in range(40):
        vault.add(passport(number, expires=NOW + 5 if number == 3 else 0))
    vault.remove(passport(3, expires=NOW + 5))
    for number in range(40, 60):
        vault.add(passport(number))
    worm.append(30)
    other.add(passport(500))
    made.write(path)
    return made


def close(made, path):
    for region in made.regions:
        region.close()
    made.update(dirty=False)
    made.write(path)
    return made


def closed(path):
    return close(active(path), path)


def removing(path):
    """Left behind in the middle of a removal: the image has it, the block not."""
    made = active(path)
    vault = made.regions[0]
    before = made.blocks[vault.start + 1]
    vault.remove(passport(30))
    made.put(vault.start + 1, before)
    made.write(path)


def reopened(path):
    """Closed, active again, left behind: block 0 says what was."""
    made = closed(path)
    made.update(dirty=True)
    for number in range(60, 80):
        made.regions[0].add(passport(number))
    made.write(path)
    return made


def edges(path, how="active"):
    """A passport that ends with its block, and blocks with 131 and 132 left."""
    made = fresh()
    vault = made.regions[0]
    rooms = (PAYLOAD - 16, PAYLOAD - 131, PAYLOAD - 132)
    number = 0
    for block, room in enumerate(rooms):
        while room:
            size = room if 132 <= room <= 516 else min(516, room - 132)
            issuer = b"i" * min(128, size - 132)
            vault.add(passport(number, issuer=issuer,
                               notes=b"x" * (size - 132 - len(issuer))))
            room -= size
            number += 1
        assert len(vault.contents) == block + 1
        if block == 2:
            vault.add(passport(number, issuer=b"", notes=b""))
            assert len(vault.contents) == 3
            vault.add(passport(number + 1, issuer=b"", notes=b""))
            assert len(vault.contents) == 4
            break
    if how == "closed":
        close(made, path)
    made.write(path)


def late(path, sequence, how="active"):
    """Blocks that were written around a commit of that number."""
    made = fresh()
    vault = made.regions[0]
    vault.sequence = int(sequence, 0) - 30
    for number in range(60):
        vault.add(passport(number))
    if how == "closed":
        close(made, path)
    made.write(path)


def released(path):
    """A hold, and its release that names it in capitals."""
    made = fresh()
    vault, worm = made.regions[:2]
    vault.add(passport(0xABCDEF, status=HOLD, about=worm.uuid))
    name = str(uuid.UUID(bytes_le=guid(0xABCDEF))).upper().encode()
    vault.add(passport(2, status=RELEASE, about=worm.uuid, notes=name))
    made.write(path)


def wrong(path, what):
    """Sound blocks and commits that cannot be."""
    made = closed(path) if what in ("said", "said_less", "order") else \
        active(path)
    vault = made.regions[0]
    if what == "twice":
        vault.add(passport(20))
    elif what == "twice_removed":
        vault.add(passport(3))
    elif what == "count":
        vault.count += 1
        vault.commit(len(vault.contents) - 1)
    elif what == "fewer":
        vault.count -= 1
        vault.commit(len(vault.contents) - 1)
    elif what == "used":
        vault.contents.append(b"")
        vault.commit(len(vault.contents) - 2)
        vault.contents.pop()
    elif what == "too_many":
        vault.said = vault.count + 1
        vault.write_in_place(0)
    elif what == "said":
        vault.said = vault.count + 1
        vault.write_in_place(0)
    elif what == "said_less":
        vault.said = vault.count - 1
        vault.write_in_place(0)
    elif what == "future":
        vault.sequence += 1
        vault.write_in_place(1)
    elif what == "order":
        vault.write_in_place(1)
    else:
        spoil(vault, what)
    made.write(path)


def spoil(vault, what):
    """One block in place with something in it that is no passport."""
    data = bytearray(vault.contents[1])
    first = struct.unpack_from("<i", data, 60)[0]
    notes = struct.unpack_from("<i", data, 64 + first)[0]
    if what == "framework":
        struct.pack_into("<H", data, 32, 9)
    elif what == "status":
        struct.pack_into("<H", data, 34, 8)
    elif what == "blank":
        struct.pack_into("<H", data, 34, REMOVED)
    elif what == "issuer":
        struct.pack_into("<i", data, 60, 129)
    elif what == "notes":
        struct.pack_into("<i", data, 64 + first, 257)
    elif what == "negative":
        struct.pack_into("<i", data, 60, -1)
    elif what == "time":
        struct.pack_into("<q", data, 36, -1)
    elif what == "utf8":
        data[64] = 0xFF
    elif what == "nul":
        data[64] = 0
    elif what == "zero":
        data[:16] = bytes(16)
    elif what == "gone":
        del data[:132 + first + notes]
    elif what == "padding":
        data = data.ljust(PAYLOAD - 1, b"\0") + b"\1"
    kept = vault.contents[1]
    sequence = vault.sequence
    vault.contents[1] = bytes(data)
    generation = struct.unpack_from("<I", vault.volume.blocks[vault.start + 1],
                                    PAYLOAD + 4)[0]
    vault.sequence = generation
    vault.write_in_place(1)
    vault.contents[1], vault.sequence = kept, sequence


def garbage(path, seed):
    """Random bytes everywhere in the metadata, under valid checksums."""
    import random
    rng = random.Random(int(seed))
    made = active(path)
    vaults = [made.regions[0], made.regions[2]]
    numbers = [n for n in sorted(made.blocks)
               if n < 10 or any(v.start <= n < v.data for v in vaults)]
    for number in rng.sample(numbers, 8):
        block = bytearray(made.blocks[number])
        for _ in range(rng.randrange(1, 4)):
            at = rng.choice((rng.randrange(PAYLOAD), 0x30 + rng.randrange(24),
                             rng.randrange(160)))
            block[at:at + 8] = rng.choice((
                b"\xff" * 8, bytes(8), rng.randbytes(8),
                struct.pack("<q", 1 << rng.randrange(63))))
        tag = struct.unpack_from("<I", block, PAYLOAD)[0].to_bytes(4, "big")
        generation = struct.unpack_from("<I", block, PAYLOAD + 4)[0]
        if tag.isalpha():
            block = volume.seal(bytes(block[:PAYLOAD]), tag.decode("latin1"),
                                generation)
            if tag == b"MWAL" and number - 1 in made.blocks and \
                    rng.randrange(2):
                fix_record(made, number - 1, block)
        made.put(number, bytes(block[:BLOCK]))
    made.write(path)


def fix_record(made, number, image):
    record = made.blocks[number]
    if record[PAYLOAD:PAYLOAD + 4] != b"LAWM":
        return
    generation = struct.unpack_from("<I", record, PAYLOAD + 4)[0]
    text = record[:0x28] + struct.pack("<Q", xxh64(image[:PAYLOAD])) + \
        record[0x30:PAYLOAD]
    made.put(number, volume.seal(text, "MWAL", generation))


# Signed passports --------------------------------------------------------------

def signed(number, **options):
    data = passport(number, **options)[:-64]
    return data + sign(data)


def signatures(path, how="active"):
    """A vault with good and bad signatures, a hold and its release."""
    made = fresh()
    vault, worm, _ = made.regions
    good = signed(1, issuer=b"acme")
    vault.add(good)
    vault.add(signed(2, issuer="\u00e9tude".encode(), notes=b"", status=2,
                     expires=NOW + 9))
    vault.add(good[:20] + b"\1" + good[21:])
    flipped = bytearray(signed(3))
    flipped[-1] ^= 1
    vault.contents[0] = vault.contents[0][:len(good)] + \
        vault.contents[0][len(good):].replace(good[:16], guid(7), 1)
    vault.add(bytes(flipped))
    vault.add(signed(4, status=5, about=worm.uuid, notes=b"case 17"))
    vault.add(signed(5, status=6, about=worm.uuid,
                     notes=str(uuid.UUID(bytes_le=guid(4))).encode()))
    vault.add(signed(6, status=5, about=worm.uuid, notes=b"another"))
    r, s = good[-64:-32], int.from_bytes(good[-32:], "big")
    twin = passport(1, issuer=b"acme")[:-64] + r + (N - s).to_bytes(32, "big")
    made.regions[2].add(twin)
    if how == "closed":
        close(made, path)
    made.write(path)


def stored(path, *numbers):
    """Signed passports in their stored form, one after the other."""
    with open(path, "wb") as file:
        for number in numbers:
            file.write(signed(int(number)))


def verified(path, key):
    """Exits with 0 if every passport in the file is signed with the key."""
    with open(path, "rb") as file:
        data = file.read()
    assert data
    while data:
        length = struct.unpack_from("<i", data, 60)[0]
        notes = struct.unpack_from("<i", data, 64 + length)[0]
        size = 68 + length + notes
        assert verify(data[:size], data[size:size + 64], point_of(key))
        data = data[size + 64:]


def to_der(raw):
    def number(text):
        text = text.lstrip(b"\0") or b"\0"
        text = (b"\0" if text[0] & 0x80 else b"") + text
        return b"\2" + bytes([len(text)]) + text
    both = number(raw[:32]) + number(raw[32:])
    return b"\x30" + bytes([len(both)]) + both


def split(path, data, signature):
    """What openssl verifies: the bytes that are signed, and DER."""
    with open(path, "rb") as file:
        text = file.read()
    with open(data, "wb") as file:
        file.write(text[:-64])
    with open(signature, "wb") as file:
        file.write(to_der(text[-64:]))


def join(data, signature, path):
    """The reverse: a passport with the signature that openssl made."""
    with open(data, "rb") as file:
        text = file.read()
    with open(signature, "rb") as file:
        der = file.read()
    length = der[3]
    r, s = der[4:4 + length], der[6 + length:]
    with open(path, "wb") as file:
        file.write(text + r.lstrip(b"\0").rjust(32, b"\0") +
                   s.lstrip(b"\0").rjust(32, b"\0"))


def key():
    print(public())


def decodable(data):
    """Not what the codec rejects whatever the signature says."""
    framework, status, issued, expires, verified, issuer = \
        struct.unpack_from("<HHqqqi", data, 32)
    try:
        text = data[64:68].decode()
    except UnicodeDecodeError:
        return False
    return framework < 9 and status < 8 and min(issued, expires,
                                                verified) >= 0 and \
        issuer == 4 and not struct.unpack_from("<i", data, 68)[0] and \
        "\0" not in text and data[:16] != bytes(16)


def flipped(path):
    """A passport with each bit flipped in turn; prints how many are stored."""
    made = Volume(512, [Wanted(60)], GUID).format()
    made.update(dirty=True)
    good = signed(0, issuer=b"acme")
    count = 0
    for bit in range(8 * len(good)):
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        if decodable(data):
            made.regions[0].add(bytes(data))
            count += 1
    made.write(path)
    print(count)


def golden_image(path, *passports):
    """A vault with passports given in hexadecimal digits."""
    made = fresh()
    for text in passports:
        made.regions[0].add(bytes.fromhex(text))
    made.write(path)


def range_object(path, region, first, count):
    """The id of a range from what vdectl log --json says, by the manual page."""
    with open(path) as file:
        records = json.load(file)["records"]
    data = uuid.UUID(region).bytes
    for record in records[int(first):int(first) + int(count)]:
        data += bytes.fromhex(record["sha256"])
    digest = bytearray(hashlib.sha256(data).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    print(uuid.UUID(bytes=bytes(digest)))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
