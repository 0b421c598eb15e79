# SPDX-License-Identifier: GPL-2.0-only
"""Writes noise to a SCSI disk by SG_IO, round the block layer.

sg_write.py NODE SECTOR COUNT: WRITE(10) of COUNT sectors of 512 bytes through
the block node or the sg node of a disk. Prints OK, the name of an errno, or the
SCSI status.
"""
import ctypes
import errno
import fcntl
import os
import struct
import sys

SG_IO = 0x2285
SG_DXFER_TO_DEV = -2
WRITE_10 = 0x2A


class Header(ctypes.Structure):
    _fields_ = [
        ("interface_id", ctypes.c_int),
        ("dxfer_direction", ctypes.c_int),
        ("cmd_len", ctypes.c_ubyte),
        ("mx_sb_len", ctypes.c_ubyte),
        ("iovec_count", ctypes.c_ushort),
        ("dxfer_len", ctypes.c_uint),
        ("dxferp", ctypes.c_void_p),
        ("cmdp", ctypes.c_void_p),
        ("sbp", ctypes.c_void_p),
        ("timeout", ctypes.c_uint),
        ("flags", ctypes.c_uint),
        ("pack_id", ctypes.c_int),
        ("usr_ptr", ctypes.c_void_p),
        ("status", ctypes.c_ubyte),
        ("masked_status", ctypes.c_ubyte),
        ("msg_status", ctypes.c_ubyte),
        ("sb_len_wr", ctypes.c_ubyte),
        ("host_status", ctypes.c_ushort),
        ("driver_status", ctypes.c_ushort),
        ("resid", ctypes.c_int),
        ("duration", ctypes.c_uint),
        ("info", ctypes.c_uint),
    ]


def main(node, sector, count):
    sector, count = int(sector), int(count)
    noise = os.urandom(512 * count)
    data = ctypes.create_string_buffer(noise, len(noise))
    command = struct.pack(">BBIBHB", WRITE_10, 0, sector, 0, count, 0)
    command = ctypes.create_string_buffer(command, len(command))
    sense = ctypes.create_string_buffer(32)
    header = Header(interface_id=ord("S"), dxfer_direction=SG_DXFER_TO_DEV,
                    cmd_len=10, mx_sb_len=32, dxfer_len=len(noise),
                    dxferp=ctypes.addressof(data),
                    cmdp=ctypes.addressof(command),
                    sbp=ctypes.addressof(sense), timeout=10000)
    disk = os.open(node, os.O_RDWR)
    try:
        fcntl.ioctl(disk, SG_IO, header)
    except OSError as error:
        return errno.errorcode[error.errno]
    return f"status {header.status}" if header.status else "OK"


print(main(*sys.argv[1:]))
