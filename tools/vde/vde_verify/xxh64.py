# SPDX-License-Identifier: GPL-2.0-only
"""xxh64 with seed 0, from its published specification."""
import functools
import struct

MASK = (1 << 64) - 1
P1 = 0x9E3779B185EBCA87
P2 = 0xC2B2AE3D27D4EB4F
P3 = 0x165667B19E3779F9
P4 = 0x85EBCA77C2B2AE63
P5 = 0x27D4EB2F165667C5
START = ((P1 + P2) & MASK, P2, 0, -P1 & MASK)


def rotate(value, bits):
    return (value << bits | value >> (64 - bits)) & MASK


def mix(lane, word):
    lane = lane + word * P2 & MASK
    return (lane << 31 | lane >> 33) * P1 & MASK


def run_lane(lane, words):
    for word in words:
        lane = lane + word * P2 & MASK
        lane = (lane << 31 & MASK | lane >> 33) * P1 & MASK
    return lane


def merge(lanes):
    total = sum(map(rotate, lanes, (1, 7, 12, 18))) & MASK
    for lane in lanes:
        total = ((total ^ mix(0, lane)) * P1 + P4) & MASK
    return total


def finish(total, rest):
    while len(rest) >= 8:
        total ^= mix(0, struct.unpack_from("<Q", rest)[0])
        total = (rotate(total, 27) * P1 + P4) & MASK
        rest = rest[8:]
    if len(rest) >= 4:
        total ^= struct.unpack_from("<I", rest)[0] * P1 & MASK
        total = (rotate(total, 23) * P2 + P3) & MASK
        rest = rest[4:]
    for byte in rest:
        total ^= byte * P5 & MASK
        total = rotate(total, 11) * P1 & MASK
    total = (total ^ total >> 33) * P2 & MASK
    total = (total ^ total >> 29) * P3 & MASK
    return total ^ total >> 32


def lanes_of(data):
    """The words of each of the four lanes, and what is left over."""
    whole = len(data) // 32 * 4
    words = struct.unpack_from("<%dQ" % whole, data)
    return [words[i::4] for i in range(4)], data[whole * 8:]


@functools.lru_cache(4096)
def xxh64(data):
    lanes, rest = lanes_of(data)
    if lanes[0]:
        total = merge([run_lane(START[i], lanes[i]) for i in range(4)])
    else:
        total = P5
    return finish((total + len(data)) & MASK, rest)


def flipped_lanes(lanes):
    """The four lanes' ends, for each single bit that can be flipped."""
    ends = [run_lane(START[i], lanes[i]) for i in range(4)]
    for i in range(4):
        lane = START[i]
        for at, word in enumerate(lanes[i]):
            after = lanes[i][at + 1:]
            for bit in range(64):
                changed = run_lane(mix(lane, word ^ 1 << bit), after)
                yield ends[:i] + [changed] + ends[i + 1:]
            lane = mix(lane, word)


def is_one_bit_off(data, wanted):
    """Would this have the hash that is wanted if one bit of either were flipped?"""
    if bin(xxh64(data) ^ wanted).count("1") == 1:
        return True
    lanes, rest = lanes_of(data)
    ends = [run_lane(START[i], lanes[i]) for i in range(4)]
    total = merge(ends) + len(data) & MASK
    for bit in range(len(rest) * 8):
        changed = bytearray(rest)
        changed[bit // 8] ^= 1 << bit % 8
        if finish(total, bytes(changed)) == wanted:
            return True
    return any(finish(merge(ends) + len(data) & MASK, rest) == wanted
               for ends in flipped_lanes(lanes))
