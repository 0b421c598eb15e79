# SPDX-License-Identifier: GPL-2.0-only
"""Vaults of vaults.py of whose next commit a power cut has left something, or nothing."""
import struct
import sys

from vaults import active, closed, fresh, passport


def with_passports(count, notes=b""):
    """A volume whose first vault has that many, all in its first block."""
    made = fresh()
    for number in range(count):
        made.regions[0].add(passport(number + 1, issuer=b"", notes=notes))
    return made


def cut(path, count, how="active"):
    """A commit cut after `count` sectors of its slot."""
    made = closed(path) if how == "closed" else active(path)
    vault = made.regions[0]
    last = len(vault.contents) - 1
    if how == "idle":
        for _ in range(12):
            vault.clock += 36 * 10**9
            vault.commit(last)
    where = vault.next_slot()
    old = made.slot(where)
    if how == "closed":
        made.update(dirty=True)
    if how == "idle":
        vault.clock += 36 * 10**9
        vault.commit(last)
    else:
        vault.add(passport(99, issuer=b"", notes=b""))
    made.cut_slot(where, old, count)
    made.write(path)


def torn(path, sectors, how="but"):
    """A commit of which all sectors but some, or only some, are on the disk.

    It images block 0, as the slot's commit before it, which had eight passports
    less: the first sectors of the images differ in one bit.
    """
    made = with_passports(9, b"n" * 200)
    vault = made.regions[0]
    where = vault.next_slot()
    old = made.slot(where)
    vault.add(passport(10, issuer=b"", notes=b"n" * 200))
    made.tear_slot(where, old, sectors, how)
    made.write(path)


def cut_twice(path, first="close"):
    """Two commits of one sequence were cut: a sector of the first outlasts the second.

    It says 8 passports and its neighbours 9, or the other way round.
    """
    made = with_passports(8)
    vault = made.regions[0]
    kept = vault.contents[0], vault.count, vault.sequence
    where = vault.next_slot()
    for kind in (first, "add" if first == "close" else "close"):
        vault.contents[0], vault.count, vault.sequence = kept
        old = made.slot(where)
        if kind == "close":
            vault.commit(0)
        else:
            vault.add(passport(9, issuer=b"", notes=b""))
        made.tear_slot(where, old, "8", "only" if kind == first else "but")
    made.write(path)


def steady(path):
    """Nine commits image the first block with as many passports; commit 19 is next."""
    made = with_passports(8)
    vault = made.regions[0]
    for _ in range(9):
        vault.commit(0)
    made.write(path)


def bad_slot(path):
    """Nothing was cut in the slot of the next commit: it was written with what no vault holds."""
    made = active(path)
    vault = made.regions[0]
    last = len(vault.contents) - 1
    good = vault.contents[last]
    bad = bytearray(good)
    struct.pack_into("<H", bad, 32, 99)
    vault.contents[last] = bytes(bad)
    vault.commit(last)
    vault.contents[last] = good
    for _ in range(7):
        vault.commit(last)
    made.write(path)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
