# SPDX-License-Identifier: GPL-2.0-only
"""Cases for dm-vde-signature.ko from a file of test vectors.

signature_cases.py FILE: FILE is JSON of the schema ecdsa_p1363_verify_schema_v1.
One line a case: its number, what must come of it, public key, SHA-256 of the
message, signature, all in hexadecimal, "-" for no bytes.
"""
import hashlib
import json
import sys


def main(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    assert vectors["schema"] == "ecdsa_p1363_verify_schema_v1.json"
    count = 0
    for group in vectors["testGroups"]:
        assert group["publicKey"]["curve"] == "secp256r1" and group["sha"] == "SHA-256"
        for case in group["tests"]:
            digest = hashlib.sha256(bytes.fromhex(case["msg"])).hexdigest()
            print(case["tcId"], case["result"], group["publicKey"]["uncompressed"], digest,
                  case["sig"] or "-")
            count += 1
    assert count == vectors["numberOfTests"]


if __name__ == "__main__":
    main(*sys.argv[1:])
