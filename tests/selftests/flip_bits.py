# SPDX-License-Identifier: GPL-2.0-only
"""Does vdectl check notice a single flipped bit?

flip_bits.py VDECTL IMAGE SEED FIRST COUNT PLAN: flips one bit at a time in
blocks FIRST.. of IMAGE, runs "VDECTL check --data" and prints the bits it did not
complain about, then how many were tried. The image is as before afterwards.
PLAN: "every N" N random bits of each block; "any N" N random bits of all blocks;
"trailers" every bit of the generations and one of each other byte of a trailer.
"""
import os
import random
import subprocess
import sys

BLOCK = 4096
TRAILER = 4080


def bits_of_trailer(block):
    for byte in range(block * BLOCK + TRAILER, (block + 1) * BLOCK):
        generation = 4 <= byte % BLOCK - TRAILER < 8
        for bit in range(8) if generation else [random.randrange(8)]:
            yield byte * 8 + bit


def planned(first, count, plan, number):
    blocks = range(first, first + count)
    if plan == "trailers":
        return [bit for block in blocks for bit in bits_of_trailer(block)]
    if plan == "every":
        return [block * BLOCK * 8 + random.randrange(BLOCK * 8)
                for block in blocks for _ in range(number)]
    return [random.randrange(first * BLOCK * 8, (first + count) * BLOCK * 8)
            for _ in range(number)]


def flip(image, bit):
    byte = os.pread(image, 1, bit // 8)[0] ^ 1 << bit % 8
    os.pwrite(image, bytes([byte]), bit // 8)


def noticed(vdectl, path):
    done = subprocess.run([vdectl, "check", path, "--data"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 1


def main(vdectl, path, seed, first, count, plan, number="0"):
    random.seed(seed)
    image = os.open(path, os.O_RDWR)
    bits = planned(int(first), int(count), plan, int(number))
    for bit in bits:
        flip(image, bit)
        if not noticed(vdectl, path):
            byte = bit // 8
            print(f"missed: block {byte // BLOCK} byte {byte % BLOCK} bit {bit % 8}")
        flip(image, bit)
    print(f"{len(bits)} bits")


main(*sys.argv[1:])
