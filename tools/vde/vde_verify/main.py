# SPDX-License-Identifier: GPL-2.0-only
"""The command."""
import argparse
import os
import sys

from .device import Device
from .report import Report
from .signature import BadKey, Keys
from .volume import NoVolume, verify

DESCRIPTION = """\
Verify a DWVD volume made by dm-vde, on a disk that is not in use or in an image:
every structure, every commit, the SHA-256 of every sealed block, every passport.
Nothing is written. This program was written from the format document alone and
shares no code with dm-vde or vdectl."""
EPILOG = """\
exit status: 0 sound (there may be notes); 1 errors or warnings were found;
2 wrong usage, no volume, or an error of the system"""


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="vde-verify", description=DESCRIPTION, epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device", help="block device or image file")
    parser.add_argument("--json", action="store_true",
                        help="print a report for programs")
    parser.add_argument("--key", action="append", default=[],
                        metavar="[ISSUER=]FILE",
                        help="public key, certificate or private key in PEM, "
                        "of this issuer or of all; may be given again")
    parser.add_argument("--passports", action="store_true",
                        help="list the passports in the report (with --json)")
    parser.add_argument("--no-data", dest="data", action="store_false",
                        help="do not read the sealed data")
    parser.add_argument("--quiet", action="store_true",
                        help="print findings only")
    options = parser.parse_args(argv)
    options.keys = Keys()
    return options


def show(report, options):
    if options.json:
        print(report.as_json(options.device))
        return
    lines = list(report.lines(options.device))
    if options.quiet:
        lines = [text for text in lines
                 if text.startswith(("error: ", "warning: ", "note: "))]
    print("\n".join(lines)) if lines else None


def main(argv=None):
    options = parse(argv)
    report = Report()
    try:
        for key in options.key:
            options.keys.add(key)
        device = Device(options.device)
        verify(device, options, report)
        show(report, options)
        sys.stdout.flush()
    except (BadKey, NoVolume) as err:
        print("vde-verify: %s" % (err if isinstance(err, BadKey) else
                                  "%s: %s" % (options.device, err)),
              file=sys.stderr)
        return 2
    except OSError as err:
        # The interpreter would complain about the same output again
        if err.filename is None and err.errno:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print("vde-verify: %s: %s" % (options.device, err.strerror),
              file=sys.stderr)
        return 2
    return report.exit_status()
