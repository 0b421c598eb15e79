# SPDX-License-Identifier: GPL-2.0-only
"""Compliance vaults."""
import struct

from .block import Damage, guid, is_zero, need, u64
from .commit import NO_IMAGE
from .passport import HOLD, RELEASE, parse_block
from .region import Checker
from .signature import BAD, GOOD, NO_KEY

HEAD = 16


class VaultChecker(Checker):
    def __init__(self, *args):
        super().__init__(*args)
        self.passports = []
        self.verdicts = []
        self.is_complete = True
        self.generation = 0

    def check_commit(self, commit):
        count, used = u64(commit.state, 0), u64(commit.state, 8)
        need(1 <= used <= min(self.region.capacity(), count + 1) and
             count < 1 << 31, "state",
             "%d passports, %d used blocks of %d" %
             (count, used, self.region.capacity()))
        need(commit.imaged == NO_IMAGE or commit.imaged < used, "state",
             "images block %d of %d in use" % (commit.imaged, used))

        if not commit.imaged:
            need(struct.unpack_from("<i", commit.image.payload)[0] == count,
                 "state", "image and record have other numbers")
        if commit.imaged != NO_IMAGE:
            found = parse_block(commit.image.payload,
                                0 if commit.imaged else HEAD)
            need(not found or not isinstance(found[-1], Damage), "image",
                 "what it images is no block of passports")

    def check_order(self, old, new):
        need(u64(new.state, 0) >= u64(old.state, 0) and
             u64(new.state, 8) >= u64(old.state, 8), "state",
             "passports or used blocks go back at commit %d" % new.sequence)

    def contents(self):
        count, used = u64(self.newest.state, 0), u64(self.newest.state, 8)
        for index in range(used):
            try:
                self.parse(index, self.payload_of(index))
                self.check_generation(index)
            except Damage as damage:
                self.bad_block(index, damage)
        if self.is_complete and len(self.passports) != count:
            self.error("count", "%d passports, but the commit says %d" %
                       (len(self.passports), count),
                       self.region.metadata.start)
        self.check_ids()
        self.verify()

    def check_generation(self, index):
        """They do not decrease, but for what a removal has written again."""
        if not index or index == self.newest.imaged or any(
                passport.removed for at, passport in self.passports
                if at == index):
            return
        generation = self.in_place(index).generation
        need(self.has_wrapped() or generation >= self.generation, "generation",
             "generation %d follows %d" % (generation, self.generation))
        self.generation = generation

    def bad_block(self, index, damage):
        self.is_complete = False
        self.error(damage.code, "vault block %d: %s" % (index, damage.text),
                   self.region.metadata.start + index)

    def parse(self, index, payload):
        offset = 0
        if not index:
            self.check_head(payload)
            offset = HEAD
        found = parse_block(payload, offset)
        if found and isinstance(found[-1], Damage):
            self.bad_block(index, found.pop())
        elif index and not found:
            self.bad_block(index, Damage("vault", "in use, but empty"))
        self.passports.extend((index, passport) for passport in found)

    def check_head(self, payload):
        """The count is that of the last clean close, or of this commit."""
        count = struct.unpack_from("<i", payload)[0]
        most = u64(self.newest.state, 0)
        need(0 <= count <= most and is_zero(payload[4:HEAD]), "vault",
             "%d passports in its head, %d in the commit" % (count, most))
        need(count == most or not self.newest.clean, "vault",
             "closed with %d passports in its head, %d in the commit" %
             (count, most))

    def check_ids(self):
        seen = set()
        for index, passport in self.passports:
            if passport.ident in seen:
                self.error("duplicate", "%s is there twice" % passport.name,
                           self.region.metadata.start + index)
            seen.add(passport.ident)

    # Signatures ------------------------------------------------------------------

    def verify(self):
        keys = self.options.keys
        for index, passport in self.passports:
            verdict = None if passport.removed else keys.verdict(passport)
            self.verdicts.append(verdict)
            if verdict == BAD:
                self.error("signature", "%s: the signature is not by the key "
                           "of issuer '%s'" % (passport.name, passport.issuer),
                           self.region.metadata.start + index)
        unknown = self.verdicts.count(NO_KEY)
        if unknown and keys.paths:
            self.warning("no-key", "%d passports of issuers without a key" %
                         unknown)
        elif unknown:
            self.note("no-key", "%d signatures not verified: no --key given" %
                      unknown)

    def holds(self):
        """Those in force: passports. A bad release lifts nothing."""
        lifted = {(passport.issuer, passport.about, passport.notes.lower())
                  for (_, passport), verdict in
                  zip(self.passports, self.verdicts)
                  if passport.status == RELEASE and verdict != BAD}
        return [passport for _, passport in self.passports
                if passport.status == HOLD and
                (passport.issuer, passport.about, guid(passport.ident))
                not in lifted]

    def facts(self):
        facts = super().facts()
        removed = sum(passport.removed for _, passport in self.passports)
        facts.update({
            "passports": len(self.passports) - removed, "removed": removed,
            "used_blocks": u64(self.newest.state, 8),
            "good_signatures": self.verdicts.count(GOOD),
            "bad_signatures": self.verdicts.count(BAD),
            "unverified_signatures": self.verdicts.count(NO_KEY),
            "holds": len(self.holds()),
        })
        if self.options.passports:
            facts["list"] = [
                passport.facts(verdict) for (_, passport), verdict in
                zip(self.passports, self.verdicts)]
        return facts
