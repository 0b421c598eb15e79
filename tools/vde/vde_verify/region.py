# SPDX-License-Identifier: GPL-2.0-only
"""What the three kinds of region share: commit slots and metadata blocks."""
from .block import (LAST_SEQUENCE, Damage, guid, low32, need, read_block,
                    time_text)
from .commit import NO_IMAGE, read_commit
from .torn import Slot

SLOTS = 8


class Checker:
    """Checks one region; a subclass knows what its kind holds.

    check_commit(commit) raises Damage for what makes a commit of this kind
    invalid; check_order(old, new) for two that follow each other; contents()
    checks what the newest commit vouches for; facts() sums up.
    """

    def __init__(self, device, region, superblock, report, options):
        self.device = device
        self.region = region
        self.superblock = superblock
        self.report = report
        self.options = options
        self.newest = None

    def error(self, code, text, block=None):
        self.report.error(code, self.region.name, text, block)

    def warning(self, code, text, block=None):
        self.report.warning(code, self.region.name, text, block)

    def note(self, code, text, block=None):
        self.report.note(code, self.region.name, text, block)

    def check(self):
        commits = self.find_commits()
        if not commits:
            self.error("no-commit", "no valid commit", self.region.commits.start)
            self.report.regions.append({
                "kind": self.region.kind, "number": self.region.number})
            return
        self.newest = max(commits.values(), key=lambda c: c.sequence)
        self.check_slots(commits)
        self.check_history(commits)
        self.check_close()
        self.contents()
        self.report.regions.append(self.facts())

    # Commit slots ----------------------------------------------------------------

    def slot_block(self, slot):
        return self.region.commits.start + 2 * slot

    def find_commits(self):
        """Valid commits by slot; self.others has what else there is."""
        commits, self.others = {}, {}
        for slot in range(SLOTS):
            commit = None
            try:
                commit = read_commit(self.device, self.region.commits.start,
                                     slot)
                if commit.is_empty():
                    continue
                commit.check(self.region, slot)
                self.check_commit(commit)
                commits[slot] = commit
            except Damage as damage:
                self.others[slot] = (commit, damage)
            except OSError as err:
                self.others[slot] = (None, Damage(
                    "unreadable", "cannot be read: %s" % err.strerror))
        return commits

    def check_slots(self, commits):
        last = self.newest.sequence
        if last > LAST_SEQUENCE:
            self.warning("sequence", "sequence %d leaves no room for writing" %
                         last, self.slot_block(last % SLOTS))
        for slot, (commit, damage) in self.others.items():
            self.tell_invalid(slot, commit, damage, commits)
        for slot in range(SLOTS):
            due = last - (last - slot) % SLOTS
            if slot in self.others or due < 1:
                continue
            if slot not in commits:
                self.warning("commit-missing", "commit %d is not there" % due,
                             self.slot_block(slot))
            elif commits[slot].sequence != due:
                self.warning("commit-old", "commit %d where %d should be" %
                             (commits[slot].sequence, due),
                             self.slot_block(slot))

    def tell_invalid(self, slot, commit, damage, commits):
        """A slot that was cut may outlast a clean close, of another region."""
        last = self.newest.sequence
        text = "commit slot %d: %s" % (slot, damage.text)
        block = self.slot_block(slot)
        following = slot == (last + 1) % SLOTS
        if not following:
            self.warning(damage.code, text, block)
        elif commit is None:
            self.error(damage.code, text + "; a newer commit may be in it", block)
        elif not Slot(commit, commits.values(), last + 1).is_torn():
            self.warning(damage.code, text, block)
        else:
            self.note("torn-commit", "commit %d was interrupted" % (last + 1),
                      block)

    def check_history(self, commits):
        """Commits that follow each other: what may never go back."""
        history = sorted(commits.values(), key=lambda c: c.sequence)
        for old, new in zip(history, history[1:]):
            try:
                need(new.clock >= old.clock, "clock",
                     "the compliance clock goes back at commit %d" %
                     new.sequence)
                self.check_order(old, new)
            except Damage as damage:
                self.error(damage.code, damage.text,
                           self.slot_block(new.sequence % SLOTS))

    def check_order(self, old, new):
        pass

    # Metadata blocks -------------------------------------------------------------

    def check_close(self):
        """Under a clean superblock the newest commit is clean and in place."""
        if self.superblock.dirty:
            return
        first = self.region.metadata.start
        slot = self.slot_block(self.newest.sequence % SLOTS)
        if not self.newest.clean:
            self.error("not-clean", "the volume was closed cleanly, but not "
                       "commit %d" % self.newest.sequence, slot)
            return
        try:
            block = read_block(self.device, first)
            block.check(self.region.owner, low32(self.newest.sequence))
            need(block.payload == self.newest.image.payload, "not-in-place",
                 "the header block is not what the newest commit images")
        except Damage as damage:
            self.error(damage.code, damage.text, first)

    def payload_of(self, index):
        """A metadata block as recovery would have it, from image or disk."""
        if self.newest.imaged == index:
            return self.newest.image.payload
        return self.in_place(index).payload

    def in_place(self, index):
        block = read_block(self.device, self.region.metadata.start + index)
        block.check(self.region.owner)
        last = self.newest.sequence
        need(self.has_wrapped() or 1 <= block.generation <= last, "generation",
             "generation %d is not of the newest commit, %d, or before" %
             (block.generation, last))
        return block

    def has_wrapped(self):
        """Beyond 32 bits a generation may be that of any of many commits."""
        return self.newest.sequence >= 1 << 32

    def facts(self):
        commit = self.newest
        imaged = None if commit.imaged == NO_IMAGE else commit.imaged
        return {
            "kind": self.region.kind, "number": self.region.number,
            "uuid": guid(self.region.uuid), "commit": commit.sequence,
            "clean": commit.clean, "imaged_block": imaged,
            "committed": time_text(commit.time), "clock_ticks": commit.clock,
            "capacity": self.region.capacity(),
        }
