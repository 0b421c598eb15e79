# SPDX-License-Identifier: GPL-2.0-only
"""Blocks, their trailers, and the types that the format document defines."""
import datetime
import struct
import uuid

from .xxh64 import xxh64

BLOCK = 4096
PAYLOAD = 4080
SECTOR = 512
ZEROS = bytes(BLOCK)
EPOCH = 621355968000000000
TICKS = 10**7
MAX = (1 << 63) - 1
# The highest sequence that a writer may start from
LAST_SEQUENCE = 1 << 62


class Damage(Exception):
    """Something is not as the format says: a code and a sentence."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code
        self.text = text


def need(condition, code, text):
    if not condition:
        raise Damage(code, text)


def tag_number(name):
    return int.from_bytes(name.encode(), "big")


def tag_name(number):
    name = number.to_bytes(4, "big")
    return name.decode() if name.isalpha() and name.isascii() else hex(number)


def u32(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


def i64(data, offset):
    return struct.unpack_from("<q", data, offset)[0]


def u64(data, offset):
    return struct.unpack_from("<Q", data, offset)[0]


def low32(number):
    return number & 0xFFFFFFFF


def guid(data):
    return str(uuid.UUID(bytes_le=bytes(data)))


def time_text(ticks):
    """RFC 3339; what no calendar has stays a number."""
    if not ticks:
        return None
    try:
        when = datetime.datetime.fromtimestamp(
            (ticks - EPOCH) // TICKS, datetime.timezone.utc)
    except (ValueError, OverflowError, OSError):
        return str(ticks)
    return "%s.%07dZ" % (when.strftime("%Y-%m-%dT%H:%M:%S"), ticks % TICKS)


def bits_between(a, b):
    """In how many bits they differ."""
    return bin(int.from_bytes(a, "little") ^
               int.from_bytes(b, "little")).count("1")


class Block:
    """A metadata block."""

    def __init__(self, data):
        self.data = data
        self.payload = data[:PAYLOAD]
        self.tag, self.generation, self.stored = struct.unpack_from(
            "<IIQ", data, PAYLOAD)

    def checksum_is_right(self):
        return xxh64(self.payload) == self.stored

    def is_zero(self):
        return self.data == ZEROS

    def is_sound(self, tag):
        return self.tag == tag_number(tag) and self.checksum_is_right()

    def check(self, tag, generation=None):
        """Raises Damage that says what is wrong with the trailer."""
        need(not self.is_zero(), "zero-block", "block of zeros")
        need(self.checksum_is_right(), "checksum",
             "checksum %016x is not that of the block, %016x" %
             (self.stored, xxh64(self.payload)))
        need(self.tag == tag_number(tag), "tag",
             "tag is %s, not %s" % (tag_name(self.tag), tag))
        need(generation is None or self.generation == generation, "generation",
             "generation is %d, not %s" % (self.generation, generation))


def read_block(device, number):
    try:
        return Block(device.read(number))
    except OSError as err:
        raise Damage("unreadable", "cannot be read: %s" % err.strerror)


def is_zero(data):
    return not any(data)


def utf8(data, what):
    try:
        text = bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        raise Damage("text", "%s is not UTF-8" % what)
    need("\0" not in text, "text", "%s has a NUL" % what)
    return text
