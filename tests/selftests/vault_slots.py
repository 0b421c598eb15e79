# SPDX-License-Identifier: GPL-2.0-only
"""vault_slots.py KIND: of vdectl dump --json on standard input, "START COUNT" for each run
of blocks of the first region of that kind."""
import json
import sys

volume = json.load(sys.stdin)
region = next(r for r in volume["regions"] if r["kind"] == sys.argv[1])
print(region["meta_start"], region["meta_blocks"])
print(region["commit_start"], 16)
