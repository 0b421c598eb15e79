# SPDX-License-Identifier: GPL-2.0-only
"""slow_memory.py MEMORY CHAR CALL [ID]: one call to a character device, whose buffer is what a
device MEMORY holds, mapped: read, records, list, verify, get or add. ID is a passport's, in
hexadecimal as it is stored. Prints OK or the errno."""
import ctypes
import errno
import mmap
import os
import struct
import sys

memory, char, call = sys.argv[1:4]
wanted = bytes.fromhex(sys.argv[4]) if len(sys.argv) > 4 else bytes(16)
buffer = mmap.mmap(os.open(memory, os.O_RDWR), 1 << 16)
address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
device = os.open(char, os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
sys.argv.clear()


def ioctl(number, layout, *fields):
    size = struct.calcsize(layout)
    arg = ctypes.create_string_buffer(struct.pack(layout, size, *fields), size)
    return libc.ioctl(device, ctypes.c_ulong(0xDE00 | number), arg)


CALLS = {
    "read": lambda: libc.read(device, ctypes.c_void_p(address),
                              ctypes.c_size_t(8192)),
    "records": lambda: ioctl(0x04, "=IIQIIQ", 0, 0, 40, 56, address),
    "add": lambda: ioctl(0x40, "=IIQII", 0, address, 200, 0),
    "get": lambda: ioctl(0x41, "=II16sQIIII", 0, wanted, address, 4096, 0, 0, 0),
    "list": lambda: ioctl(0x42, "=IIQIIQ16sIIII128s", 0, 0, 20, 208, address,
                          bytes(16), 0, 0, 0, 0, bytes(128)),
    "verify": lambda: ioctl(0x43, "=II16sQIIQ", 1, bytes(16), 0, 20, 24, address),
}
failed = CALLS[call]() < 0
print(errno.errorcode[ctypes.get_errno()] if failed else "OK")
