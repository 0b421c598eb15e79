# SPDX-License-Identifier: GPL-2.0-only
"""reset_entries.py DISK FIRST-COMMIT-BLOCK: the resets of a region

As the newest commit keeps them, read by the format document alone. Prints the
number of resets, then a line for each entry, newest first: time of day and
compliance clock in ticks, records removed, uid, comm. Fails when an entry holds
anything else.
"""
import os
import struct
import sys

BLOCK = 4096


def newest(fd, first):
    """The commit record with the highest sequence."""
    best = (0, b"")
    for slot in range(8):
        record = os.pread(fd, BLOCK, (first + 2 * slot) * BLOCK)
        best = max(best, (struct.unpack_from("<Q", record)[0], record))
    return best[1]


def entries(record):
    resets = struct.unpack_from("<Q", record, 0x910)[0]
    yield str(resets)
    for number in range(16):
        entry = record[0x918 + 96 * number:0x918 + 96 * (number + 1)]
        wall, clock, records, uid, comm = struct.unpack_from("<qqQI16s", entry)
        if number >= min(resets, 16):
            assert not any(entry), "entry %d is not empty" % number
            continue
        # Root of the Merkle tree, which is not built, and unused bytes
        assert not any(entry[44:]), "entry %d has unknown bytes" % number
        name = comm.rstrip(b"\0")
        assert 0 not in name, "comm of entry %d" % number
        yield "%d %d %d %d %s" % (wall, clock, records, uid,
                                  name.decode("ascii"))


if __name__ == "__main__":
    disk = os.open(sys.argv[1], os.O_RDONLY)
    print("\n".join(entries(newest(disk, int(sys.argv[2])))))
