# SPDX-License-Identifier: GPL-2.0-only
"""A whole volume."""
from . import directory, groups
from .block import Damage, guid
from .stream import StreamChecker
from .vault import VaultChecker
from .worm import WormChecker

CHECKERS = {"worm": WormChecker, "stream": StreamChecker, "vault": VaultChecker}


class NoVolume(Exception):
    """Nothing here claims to be one."""


def verify(device, options, report):
    """Adds everything that is wrong with the volume to the report."""
    if device.blocks < 10:
        raise NoVolume("too short for a volume")
    if not any(groups.Group(device, "", first).has_magic() for first in (0, 4)):
        raise NoVolume("no DWVD volume")
    group = groups.load(device, report)
    if group is None or not check_superblock(device, group, report):
        return
    regions = directory.load(device, group, report)
    if regions is None:
        return
    try:
        group.superblock.check_contents(regions)
    except Damage as damage:
        report.error(damage.code, group_name(group), damage.text, group.first)
    check_regions(device, group, regions, options, report)


def group_name(group):
    return "%s superblock group" % group.name


def check_superblock(device, group, report):
    superblock = group.superblock
    try:
        superblock.check(device)
        label = superblock.check_label()
    except Damage as damage:
        report.error(damage.code, group_name(group), damage.text, group.first)
        return False
    for text in superblock.oddities():
        report.warning("odd", group_name(group), text, group.first)
    groups.check_contents(report, group)
    report.volume = superblock.facts(label)
    return True


def check_regions(device, group, regions, options, report):
    checkers = [CHECKERS[region.kind](device, region, group.superblock, report,
                                      options) for region in regions]
    for checker in checkers:
        checker.check()
    check_holds([c for c in checkers if isinstance(c, VaultChecker)],
                {c.region.uuid: c for c in checkers
                 if isinstance(c, WormChecker)})
    if group.superblock.dirty:
        report.note("dirty", group_name(group),
                    "the volume was not closed: the next activation recovers it",
                    group.first)


def check_holds(vaults, worms):
    """A hold in force and the flag of its region, both ways."""
    held = set()
    for vault in vaults:
        for passport in vault.holds() if vault.newest else ():
            held.add(passport.about)
            worm = worms.get(passport.about)
            if not worm:
                vault.error("hold", "%s holds %s, no WORM region of this "
                            "volume" % (passport.name, guid(passport.about)))
            elif worm.newest and not worm.newest.held:
                worm.error("hold", "not held, although %s of %s is in force" %
                           (passport.name, vault.region.name))
    for uuid, worm in worms.items():
        if worm.newest and worm.newest.held and uuid not in held and \
                all(vault.newest and vault.is_complete for vault in vaults):
            worm.note("hold", "held, although no hold is in force: a hold or "
                      "release was interrupted")
