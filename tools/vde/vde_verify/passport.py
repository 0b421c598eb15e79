# SPDX-License-Identifier: GPL-2.0-only
"""Passports, parsed strictly."""
import struct

from .block import Damage, guid, is_zero, need, time_text, utf8

SHORTEST = 132
SIGNATURE = 64
FRAMEWORKS = ("GDPR", "HIPAA", "SOX", "PCI-DSS", "SOC2", "ISO27001", "CCPA",
              "FISMA", "FedRAMP")
STATUSES = ("unknown", "compliant", "non-compliant", "exempt",
            "pending review", "legal hold", "hold released", "time attestation")
HOLD, RELEASE = 5, 6
REMOVED = 0xFFFF


class Passport:
    """The one at the start of these bytes; Damage unless there is one."""

    def __init__(self, data):
        need(len(data) >= SHORTEST, "passport", "no room for a passport")
        self.ident, self.about = data[:16], data[16:32]
        (self.framework, self.status, self.issued, self.expires, self.verified,
         issuer) = struct.unpack_from("<HHqqqi", data, 32)
        need(0 <= issuer <= 128, "passport", "issuer of %d bytes" % issuer)
        notes_at = 64 + issuer + 4
        need(notes_at + SIGNATURE <= len(data), "passport", "passport is cut off")
        notes = struct.unpack_from("<i", data, notes_at - 4)[0]
        need(0 <= notes <= 256, "passport", "notes of %d bytes" % notes)
        signed = notes_at + notes
        self.length = signed + SIGNATURE
        need(self.length <= len(data), "passport", "passport is cut off")
        self.issuer_bytes = data[64:64 + issuer]
        self.notes_bytes = data[notes_at:signed]
        self.signed = data[:signed]
        self.signature = data[signed:self.length]
        self.removed = self.status == REMOVED
        self.name = "passport %s" % guid(self.ident)
        self.check()

    def check(self):
        need(not is_zero(self.ident), "passport", "passport id zero")
        need(self.framework < len(FRAMEWORKS), "passport",
             "%s: framework %d" % (self.name, self.framework))
        need(self.removed or self.status < len(STATUSES), "passport",
             "%s: status %d" % (self.name, self.status))
        self.issuer = utf8(self.issuer_bytes, "%s: issuer" % self.name)
        if self.removed:
            self.notes = ""
            need(is_zero(self.notes_bytes) and is_zero(self.signature),
                 "passport", "%s: removed, but notes or signature are left" %
                 self.name)
        else:
            self.notes = utf8(self.notes_bytes, "%s: notes" % self.name)
        need(min(self.issued, self.expires, self.verified) >= 0, "passport",
             "%s: a time is negative" % self.name)
        need(self.status not in (HOLD, RELEASE) or not self.expires,
             "passport", "%s: a hold or release that expires" % self.name)

    def facts(self, verdict):
        return {
            "id": guid(self.ident), "object": guid(self.about),
            "framework": FRAMEWORKS[self.framework],
            "status": "removed" if self.removed else STATUSES[self.status],
            "issued": time_text(self.issued), "expires": time_text(self.expires),
            "last_verified": time_text(self.verified), "issuer": self.issuer,
            "notes": self.notes, "signature": verdict,
        }


def parse_block(payload, offset):
    """The passports of a block; the last may be Damage, which ends it."""
    found = []
    while len(payload) - offset >= SHORTEST and \
            not is_zero(payload[offset:offset + 16]):
        try:
            found.append(Passport(payload[offset:]))
        except Damage as damage:
            return found + [damage]
        offset += found[-1].length
    if not is_zero(payload[offset:]):
        found.append(Damage("passport", "something follows the last passport"))
    return found
