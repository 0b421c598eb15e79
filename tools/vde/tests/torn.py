# SPDX-License-Identifier: GPL-2.0-only
"""Volumes of volume.py whose superblocks or WORM commits a power cut has torn."""
import struct
import sys

from volume import BLOCK, GUID, PAYLOAD, Volume, closed


def superblock(path, what, count):
    """Superblock update cut after `count` sectors of the mirror or primary."""
    volume = Volume(1024, [500], GUID).format()
    old = b"".join(volume.blocks[n] for n in range(4))
    volume.sequence += 1
    new = b"".join(volume.group(dirty=True))
    mixed = new[:512 * int(count)] + old[512 * int(count):]
    mirror, primary = (mixed, old) if what == "mirror" else (new, mixed)
    for number in range(4):
        volume.put(number, primary[number * BLOCK:(number + 1) * BLOCK])
        volume.put(4 + number, mirror[number * BLOCK:(number + 1) * BLOCK])
    volume.write(path)


def commit(path, count, what="append"):
    """A commit cut after `count` sectors of its slot; a reset follows the first one there."""
    volume = Volume(1024, [500, 100], GUID, "dirty").format()
    volume.update(dirty=True)
    region = volume.regions[0]
    for hwm in range(1, 8 if what == "reset" else 10):
        region.append(30 * hwm)
    where = region.next_slot()
    old = volume.slot(where)
    if what == "reset":
        region.reset(1000, b"vdectl")
    else:
        region.append(310)
    volume.cut_slot(where, old, count)
    volume.write(path)


def idle(path, sectors, how="but", what="idle"):
    """A commit torn, which images what its slot's commit before it did.

    What: "idle", nothing was sealed in eight hours; "busy", a block was after the
    first of them and so the image is another one.
    """
    volume = Volume(1024, [500, 100], GUID, "dirty").format()
    volume.update(dirty=True)
    region = volume.regions[0]
    region.append(30)
    for number in range(22):
        if what == "busy" and number == 20:
            region.append(31)
        region.clock += 36 * 10**9
        region.commit(0)
    where = region.next_slot()
    old = volume.slot(where)
    region.clock += 36 * 10**9
    region.commit(0)
    volume.tear_slot(where, old, sectors, how)
    volume.write(path)


def beside(path, count):
    """A commit was cut when a closed region became active; then only the other was."""
    volume = closed(path)
    volume.update(dirty=True)
    first, other = volume.regions
    where = first.next_slot()
    old = volume.slot(where)
    first.append(310)
    volume.cut_slot(where, old, count)
    other.append(5)
    other.close()
    first.hwm = 300
    volume.update(dirty=False)
    volume.write(path)


def refilled(path):
    """A generation that no cut leaves: the region was reset between the two commits.

    It has as many blocks as before by the newest commit.
    """
    volume = Volume(1024, [500, 100], GUID, "dirty").format()
    volume.update(dirty=True)
    region = volume.regions[0]
    for _ in range(4):
        region.append(1)
    where = region.commits + 2 * (region.sequence % 8)
    region.append(1)
    region.reset(1000, b"vdectl")
    for _ in range(5):
        region.append(1)
    image = bytearray(volume.blocks[where + 1])
    struct.pack_into("<I", image, PAYLOAD + 4, region.sequence + 1)
    volume.put(where + 1, bytes(image))
    volume.write(path)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
