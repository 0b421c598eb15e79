# SPDX-License-Identifier: GPL-2.0-only
"""seeds.py IMAGES OUT: what the harnesses begin with, out of good volumes: OUT/HARNESS/*.
The heads of the harnesses say what their inputs are."""
import os
import pathlib
import struct
import sys

BLOCK = 4096
KINDS = {0x574F524D: 0, 0x53545245: 1, 0x434D5654: 2}


class Volume:
    def __init__(self, path):
        self.name = path.stem
        self.bytes = path.read_bytes()
        self.total = len(self.bytes) // BLOCK

    def blocks(self, first, count=1):
        return self.bytes[first * BLOCK:(first + count) * BLOCK]

    def slots(self):
        for i in range(127):
            tag, flags, start, count, _ = struct.unpack_from("<IIQQQ", self.blocks(8), 32 * i)
            if flags & 1:
                yield tag, start, count


def keep(out, harness, name, *parts):
    folder = out / harness
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"".join(parts))


def size(number):
    """For fuzz_size(), which adds one"""
    return struct.pack("<BQ", 0, number - 1)


def passports(block, offset):
    while offset + 132 <= 4080 and any(block[offset:offset + 16]):
        issuer, = struct.unpack_from("<I", block, offset + 60)
        notes, = struct.unpack_from("<I", block, offset + 64 + issuer)
        length = 132 + issuer + notes
        yield block[offset:offset + length]
        offset += length


def region(out, volume, kind, meta, commits, capacity):
    name = f"{volume.name}{kind}-"
    for slot in range(8):
        how = kind << 6 | slot << 1
        keep(out, "commit", f"{name}{slot}", bytes([how]), size(capacity),
             volume.blocks(commits + 2 * slot, 2), bytes(80))
    if kind == 1:
        keep(out, "ring", name, b"\0", size(capacity), volume.blocks(meta)[:48],
             bytes(range(0, 250, 3)))
    for index in range(3):
        block = volume.blocks(meta + index)
        if kind == 0:
            keep(out, "record", f"{name}{index}", b"\1", size(index + 1),
                 struct.pack("<BBQ", 79, 7, 0), block)
        if kind != 2:
            continue
        keep(out, "vaultblock", f"{name}{index}", bytes([index == 0]), block)
        for i, passport in enumerate(passports(block, 0 if index else 16)):
            keep(out, "passport", f"{name}{index}-{i}",
                 struct.pack("<IQ", len(passport), 1 << 59), passport)


def main():
    out = pathlib.Path(sys.argv[2])
    images = sorted(pathlib.Path(sys.argv[1]).glob("*.img"))
    for nr, volume in enumerate(map(Volume, images)):
        keep(out, "superblock", volume.name, b"\0", struct.pack("<Q", volume.total),
             volume.blocks(0, 8), bytes(200))
        keep(out, "directory", volume.name, b"\0", struct.pack("<Q", volume.total),
             volume.blocks(8, 2), volume.blocks(1), bytes(200))
        keep(out, "volume", volume.name, bytes([nr]))
        slots = list(volume.slots())
        for (tag, start, _), (_, commits, _), data in zip(slots, slots[1:], slots[2:] + [None]):
            if tag in KINDS:
                region(out, volume, KINDS[tag], start, commits, data[2] if data else 20)
            for block in (0, 1, 4, 8, 9, start, commits, commits + 1):
                keep(out, "volume", f"{volume.name}-{start}-{block}",
                     struct.pack("<BBIB", nr, min(block, 255), 40, 7), bytes(8))
    point = os.fsencode((pathlib.Path(sys.argv[1]) / "point").read_text().strip())
    for i, line in enumerate((
            b"\0", b"\0" + b"4 region=62 reorder_ms=0 max_inflight=4096 commit_ms=1",
            b"\0" + b"3 uuid=00112233-4455-6677-8899-aabbccddeeff sync no_verify_reads",
            b"\0" + b"1 on_corruption=restart", b"\1" + b"2 reserve=100 discard",
            b"\2" + b"1 keyring=@us:vde", b"\2" + b"1 issuer_key=" + point)):
        keep(out, "options", str(i), line)


main()
