# SPDX-License-Identifier: GPL-2.0-only
"""What was found, and how it is told."""
import json

ERROR, WARNING, NOTE = "error", "warning", "note"
LISTED = 1000


class Report:
    """Findings in the order in which they were made, and facts about the volume.

    A finding has a severity; a code, the same for all findings of its kind; the
    structure or region it is about; the block of the volume, if it is about one;
    and a sentence.
    """

    def __init__(self):
        self.findings = []
        self.counts = {ERROR: 0, WARNING: 0, NOTE: 0}
        self.volume = {}
        self.regions = []

    def add(self, severity, code, where, text, block=None):
        self.counts[severity] += 1
        if sum(self.counts.values()) <= LISTED:
            self.findings.append({"severity": severity, "code": code,
                                  "where": where, "block": block,
                                  "text": text})

    def error(self, *args):
        self.add(ERROR, *args)

    def warning(self, *args):
        self.add(WARNING, *args)

    def note(self, *args):
        self.add(NOTE, *args)

    def is_sound(self):
        return not self.counts[ERROR] and not self.counts[WARNING]

    def exit_status(self):
        return 0 if self.is_sound() else 1

    def as_json(self, device):
        return json.dumps({
            "device": device, "sound": self.is_sound(),
            "errors": self.counts[ERROR], "warnings": self.counts[WARNING],
            "notes": self.counts[NOTE], "volume": self.volume,
            "regions": self.regions, "findings": self.findings,
        }, indent=2, ensure_ascii=False)

    def lines(self, device):
        if self.volume:
            yield "%s: volume %s, %s" % (
                device, self.volume["uuid"],
                "in use or not closed" if self.volume["dirty"] else
                "closed cleanly")
        for region in self.regions:
            yield summary(region)
        for finding in self.findings:
            yield line(finding)
        left = sum(self.counts.values()) - len(self.findings)
        if left:
            yield "%d more that are not listed" % left
        yield "%s: %d error(s), %d warning(s), %d note(s)" % (
            device, self.counts[ERROR], self.counts[WARNING],
            self.counts[NOTE])


def line(finding):
    where = ""
    if finding["block"] is not None:
        where = " (volume block %d)" % finding["block"]
    return "%(severity)s: %(where)s: %(text)s" % finding + where


def summary(region):
    facts = ", ".join("%s %s" % (key.replace("_", " "), value)
                      for key, value in region.items()
                      if key not in ("kind", "number") and value is not None)
    return "%s region %d: %s" % (region["kind"], region["number"], facts)
