# SPDX-License-Identifier: GPL-2.0-only
"""WORM regions: header, write records, data."""
import hashlib
import struct

from .block import BLOCK, Damage, is_zero, need, time_text, u32
from .commit import Reset
from .region import Checker

RECORD = 52
FIRST, EACH = 77, 78
HEADER = 40


def place_of(record):
    """Metadata block and offset of a record."""
    if record < FIRST:
        return 0, HEADER + RECORD * record
    return 1 + (record - FIRST) // EACH, RECORD * ((record - FIRST) % EACH)


def range_of(block):
    """First record of a metadata block, and the one after its last."""
    if not block:
        return 0, FIRST
    return FIRST + EACH * (block - 1), FIRST + EACH * block


class Header:
    def __init__(self, data):
        self.hwm, self.capacity, self.retention, self.created = \
            struct.unpack_from("<qqqq", data)
        self.records = u32(data, 32) | u32(data, 36) << 32

    def check(self, capacity):
        need(self.capacity == capacity, "state", "capacity is %d, not %d" %
             (self.capacity, capacity))
        need(0 <= self.hwm <= capacity and self.records == self.hwm, "state",
             "high-water mark %d, %d records, capacity %d" %
             (self.hwm, self.records, capacity))
        need(self.retention >= 0, "state", "retention is %d" % self.retention)
        need(self.created >= 0, "state", "created at %d" % self.created)


class Record:
    def __init__(self, payload, number):
        _, at = place_of(number)
        self.index, self.time, self.length = struct.unpack_from(
            "<qqi", payload, at)
        self.digest = payload[at + 20:at + RECORD]

    def check(self, number):
        need(self.index == number, "record", "record %d is of block %d" %
             (number, self.index))
        need(1 <= self.length <= BLOCK, "record", "record %d: length %d" %
             (number, self.length))


def check_image(payload, block, header):
    """An image's records: those below the mark, and nothing above it."""
    first, end = range_of(block)
    last = min(end, header.hwm)
    for number in range(first, last):
        Record(payload, number).check(number)
    _, at = place_of(max(first, last)) if last < end else (0, None)
    # Behind a full block's last record as well
    if at is None:
        at = place_of(end - 1)[1] + RECORD
    need(is_zero(payload[at:]), "image",
         "something above the high-water mark %d" % header.hwm)


class WormChecker(Checker):
    def __init__(self, *args):
        super().__init__(*args)
        self.header = None
        self.last_time = None

    def check_commit(self, commit):
        header = Header(commit.state)
        header.check(self.region.capacity())
        need(0 <= commit.sealed_clock <= commit.clock, "state",
             "sealed at clock %d of %d" % (commit.sealed_clock, commit.clock))
        newest = place_of(max(0, header.hwm - 1))[0]
        need(commit.imaged in (0, newest), "state",
             "images block %d, but the newest record is in %d" %
             (commit.imaged, newest))
        if not commit.imaged:
            need(commit.image.payload[:HEADER] == commit.state[:HEADER],
                 "state", "image and record have other headers")
        check_image(commit.image.payload, commit.imaged, header)
        self.check_resets(commit)
        self.check_attestation(commit)

    def check_resets(self, commit):
        clock = commit.clock
        for i, data in enumerate(commit.reset_entries()):
            if i >= commit.resets:
                need(is_zero(data), "reset", "an entry %d for %d resets" %
                     (i, commit.resets))
                continue
            entry = Reset(data)
            entry.check(self.region.capacity())
            need(entry.clock <= clock, "reset",
                 "reset %d: its clock is after that of the next" % i)
            clock = entry.clock

    @staticmethod
    def check_attestation(commit):
        need(not commit.attested or commit.attested_clock <= commit.clock,
             "attestation",
             "attested at clock %d of %d" %
             (commit.attested_clock, commit.clock))

    def check_order(self, old, new):
        was, now = Header(old.state), Header(new.state)
        need(new.resets >= old.resets, "resets",
             "the number of resets goes back at commit %d" % new.sequence)
        need(new.resets > old.resets or now.hwm >= was.hwm, "hwm-back",
             "the high-water mark goes back from %d to %d at commit %d" %
             (was.hwm, now.hwm, new.sequence))
        need(now.created == was.created, "state",
             "time of creation changes at commit %d" % new.sequence)
        # Forever, which is 0, is the longest
        need(not now.retention or 0 < was.retention <= now.retention,
             "retention", "retention is shortened at commit %d" % new.sequence)
        need(not old.attested or (old.attested, old.attested_clock) ==
             (new.attested, new.attested_clock), "attestation",
             "the first attestation changes at commit %d" % new.sequence)

    # Records ---------------------------------------------------------------------

    def contents(self):
        self.header = Header(self.newest.state)
        generation = 0
        last = place_of(max(0, self.header.hwm - 1))[0]
        for index in range(last + 1):
            try:
                payload, generation = self.log_block(index, generation)
                self.check_records(index, payload)
            except Damage as damage:
                self.error(damage.code, "log block %d: %s" %
                           (index, damage.text),
                           self.region.metadata.start + index)
        if not self.superblock.dirty:
            self.check_superblock()

    def log_block(self, index, generation):
        if index == self.newest.imaged:
            return self.newest.image.payload, generation
        block = self.in_place(index)
        if not index:
            self.check_old_header(block.payload)
        elif generation:
            need(self.has_wrapped() or block.generation >= generation, "generation",
                 "generation %d follows %d" % (block.generation, generation))
        if self.header.hwm < range_of(index)[1]:
            check_image(block.payload, index, self.header)
        return block.payload, block.generation if index else 0

    def check_old_header(self, payload):
        """Block 0 in place, when the newest record is elsewhere."""
        old = Header(payload)
        old.check(self.region.capacity())
        need(old.created == self.header.created and
             old.hwm <= self.header.hwm, "header",
             "the header in place has mark %d, the commit %d" %
             (old.hwm, self.header.hwm))
        need(not self.header.retention or
             0 < old.retention <= self.header.retention, "header",
             "the header in place has a longer retention than the commit")

    def check_records(self, index, payload):
        first, end = range_of(index)
        for number in range(first, min(end, self.header.hwm)):
            block = self.region.metadata.start + index
            record = Record(payload, number)
            try:
                record.check(number)
                need(self.last_time is None or record.time >= self.last_time,
                     "record", "record %d: its time is before the last" % number)
            except Damage as damage:
                self.error(damage.code, damage.text, block)
                continue
            self.last_time = record.time
            if self.options.data:
                self.check_data(number, record)

    def check_data(self, number, record):
        block = self.region.data.start + number
        try:
            try:
                data = self.device.read(block)
            except OSError as err:
                raise Damage("unreadable", "cannot be read: %s" % err.strerror)
            need(hashlib.sha256(data[:record.length]).digest() ==
                 record.digest, "data", "SHA-256 is not that of its record")
            need(is_zero(data[record.length:]), "data",
                 "something follows its %d bytes" % record.length)
        except Damage as damage:
            self.error(damage.code, "data block %d: %s" %
                       (number, damage.text), block)

    def check_superblock(self):
        if not self.region.number and \
                self.superblock.hwm != self.header.hwm:
            self.warning("superblock-hwm", "the superblock has mark %d, the "
                         "region %d" % (self.superblock.hwm, self.header.hwm),
                         0)

    def facts(self):
        facts = super().facts()
        facts.update({
            "hwm": self.header.hwm, "retention_ticks": self.header.retention,
            "created": time_text(self.header.created),
            "held": self.newest.held, "resets": self.newest.resets,
            "latest_resets": [
                Reset(data).facts() for data, _ in
                zip(self.newest.reset_entries(), range(self.newest.resets))],
            "sealed_clock_ticks": self.newest.sealed_clock,
            "attested": time_text(self.newest.attested),
        })
        return facts
