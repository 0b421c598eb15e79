# SPDX-License-Identifier: GPL-2.0-only
"""Streams: positions. Nothing tells what their data blocks should hold."""
import struct

from .block import Damage, is_zero, need
from .region import Checker
from .commit import NO_IMAGE

STATE = 48


class State:
    def __init__(self, data):
        (self.capacity, self.allocated, self.head, self.tail, self.entries,
         self.increment, self.policy) = struct.unpack_from("<qqqqqiI", data)

    def check(self, capacity):
        need(self.capacity == capacity, "state", "capacity is %d, not %d" %
             (self.capacity, capacity))
        need(0 <= self.tail <= self.head, "state",
             "tail %d, head %d" % (self.tail, self.head))
        need(self.entries == self.head - self.tail, "state",
             "%d entries from tail %d to head %d" %
             (self.entries, self.tail, self.head))
        need(self.entries <= self.allocated <= capacity, "state",
             "%d entries, %d blocks allocated of %d" %
             (self.entries, self.allocated, capacity))
        need(self.head <= self.allocated or self.allocated == capacity, "state",
             "head %d, but only %d blocks allocated" %
             (self.head, self.allocated))
        need(self.increment >= 1 and self.policy in (0, 1), "state",
             "increment %d, policy %d" % (self.increment, self.policy))


class StreamChecker(Checker):
    def check_commit(self, commit):
        State(commit.state).check(self.region.capacity())
        need(commit.imaged in (0, NO_IMAGE), "state",
             "images block %d" % commit.imaged)
        if not commit.imaged:
            need(commit.image.payload[:STATE] == commit.state[:STATE] and
                 is_zero(commit.image.payload[STATE:]), "state",
                 "image and record have other states")

    def check_order(self, old, new):
        was, now = State(old.state), State(new.state)
        need(now.allocated >= was.allocated, "state",
             "allocated blocks go back at commit %d" % new.sequence)
        need((now.increment, now.policy) == (was.increment, was.policy),
             "state", "increment or policy change at commit %d" % new.sequence)
        # Only a reset takes them back, to 0 both
        need(now.head >= was.head and now.tail >= was.tail or not now.head,
             "state", "tail and head go back from %d..%d to %d..%d at commit %d" %
             (was.tail, was.head, now.tail, now.head, new.sequence))

    def contents(self):
        """The block in place is as the last close left it."""
        if self.newest.imaged == 0:
            return
        try:
            payload = self.in_place(0).payload
            state, now = State(payload), State(self.newest.state)
            state.check(self.region.capacity())
            need((state.increment, state.policy) ==
                 (now.increment, now.policy) and
                 state.allocated <= now.allocated, "header",
                 "the header in place contradicts the newest commit")
            need(is_zero(payload[STATE:]), "not-zero",
                 "something follows the state")
        except Damage as damage:
            self.error(damage.code, damage.text, self.region.metadata.start)

    def facts(self):
        facts = super().facts()
        state = State(self.newest.state)
        facts.update({"head": state.head, "tail": state.tail,
                      "allocated": state.allocated,
                      "policy": "stop" if state.policy else "overwrite"})
        return facts
