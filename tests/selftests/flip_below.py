# SPDX-License-Identifier: GPL-2.0-only
"""Flips single bits of a disk, past its page cache.

flip_below.py DISK SEED FIRST COUNT BITS: flips one random bit in each of BITS
different blocks among FIRST.. of DISK and prints the numbers of these blocks,
counted from FIRST, in order. The same again flips them back.
"""
import mmap
import os
import random
import sys

BLOCK = 4096


def flip(disk, block, bit):
    with mmap.mmap(-1, BLOCK) as buffer:
        os.preadv(disk, [buffer], block * BLOCK)
        buffer[bit // 8] ^= 1 << bit % 8
        os.pwritev(disk, [buffer], block * BLOCK)


def main(path, *numbers):
    seed, first, count, bits = map(int, numbers)
    random.seed(seed)
    disk = os.open(path, os.O_RDWR | os.O_DIRECT)
    blocks = sorted(random.sample(range(count), bits))
    for block in blocks:
        flip(disk, first + block, random.randrange(BLOCK * 8))
    print(*blocks)


main(*sys.argv[1:])
