# SPDX-License-Identifier: GPL-2.0-only
"""Reads a cleanly closed volume as any reader of DWVD v2.0 would.

foreign_reader.py DISK: finds the first WORM region through the superblock and
the directory, reads header and records in place, compares every record with its
data block, and prints what the header says.
"""
import hashlib
import struct
import sys

BLOCK = 4096


def block(number):
    disk.seek(number * BLOCK)
    return disk.read(BLOCK)


def tag(number):
    return struct.pack(">I", struct.unpack_from("<I", block(number), 4080)[0])


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: {got}, not {want}")


def slots():
    directory = block(8)
    expect("tag of the directory", tag(8), b"RMAP")
    for i in range(127):
        yield struct.unpack_from("<IIqqq", directory, 32 * i)


def record(meta, n):
    if n < 77:
        at, offset = meta, 40 + 52 * n
    else:
        at, offset = meta + 1 + (n - 77) // 78, (n - 77) % 78 * 52
    return struct.unpack_from("<qqi32s", block(at), offset)


with open(sys.argv[1], "rb") as disk:
    superblock = block(0)
    expect("magic", superblock[:4], b"DWVD")
    expect("dirty flag", struct.unpack_from("<I", superblock, 0x1C)[0] & 64, 0)
    run = list(slots())[:3]
    expect("slots", [struct.pack(">I", slot[0]) for slot in run],
           [b"WORM", b"MWAL", b"DATA"])
    meta, data = run[0][2], run[2][2]
    hwm, capacity, _, _, low, high = struct.unpack_from("<qqqqII", block(meta))
    expect("mark in the superblock",
           struct.unpack_from("<q", superblock, 0x88)[0], hwm)
    expect("capacity", capacity, run[2][3])
    last = 0
    for n in range(hwm):
        index, time, length, digest = record(meta, n)
        expect("index", index, n)
        expect("length", length, BLOCK)
        expect("order of times", time >= last, True)
        expect(f"SHA-256 of block {n}", digest,
               hashlib.sha256(block(data + n)).digest())
        last = time
    for at in range(1 + -(-max(0, hwm - 77) // 78)):
        expect(f"tag of block {at} of the log", tag(meta + at), b"WORM")
    print(f"hwm {hwm} capacity {capacity} records {low + (high << 32)}")
