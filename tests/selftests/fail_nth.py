# SPDX-License-Identifier: GPL-2.0-only
"""fail_nth.py NAME N: resumes a dm device while its Nth allocation fails, on a kernel with
fault injection. Prints "status reached": 0 or an errno, and whether there were so many."""
import errno
import fcntl
import os
import struct
import sys

DM_DEV_SUSPEND = 0xC138FD06  # without DM_SUSPEND_FLAG: resume

name = sys.argv[1].encode()
call = bytearray(312)
struct.pack_into("<IIIII", call, 0, 4, 0, 0, 312, 312)
call[48:48 + len(name)] = name
control = os.open("/dev/mapper/control", os.O_RDWR)
fail = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
status = 0
nth = sys.argv[2].encode()
os.write(fail, nth)
try:
    fcntl.ioctl(control, DM_DEV_SUSPEND, call)
except OSError as error:
    status = error.errno
left = int(os.pread(fail, 20, 0).split(b"\0")[0])
os.write(fail, b"0")
print(errno.errorcode.get(status, status), int(left == 0))
