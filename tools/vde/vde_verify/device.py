# SPDX-License-Identifier: GPL-2.0-only
"""The disk or image that is verified. Nothing is ever written to it."""
import mmap
import os
import stat

from .block import BLOCK


class Device:
    """A block device is opened for this program alone and past the page cache."""

    def __init__(self, path):
        self.path = path
        kind = os.stat(path).st_mode
        flags = os.O_RDONLY | os.O_CLOEXEC
        if stat.S_ISBLK(kind):
            flags |= os.O_EXCL | os.O_DIRECT
        elif not stat.S_ISREG(kind):
            raise OSError(0, "neither a block device nor a file")
        self.fd = os.open(path, flags)
        self.bytes = os.lseek(self.fd, 0, os.SEEK_END)
        self.blocks = self.bytes // BLOCK
        # O_DIRECT wants aligned memory, which a mapping is
        self.buffer = mmap.mmap(-1, BLOCK)

    def read(self, block):
        """A block of the volume; OSError when it cannot be read."""
        if not 0 <= block < self.blocks:
            raise OSError(0, "beyond the end of the device")
        got = os.preadv(self.fd, [self.buffer], block * BLOCK)
        if got != BLOCK:
            raise OSError(0, "short read")
        return self.buffer[:]

    def close(self):
        os.close(self.fd)


class Image:
    """A volume in memory, for programs that make them."""

    def __init__(self, data, path="image"):
        self.path = path
        self.data = memoryview(data)
        self.bytes = len(data)
        self.blocks = self.bytes // BLOCK

    def read(self, block):
        if not 0 <= block < self.blocks:
            raise OSError(0, "beyond the end of the device")
        return bytes(self.data[block * BLOCK:(block + 1) * BLOCK])
