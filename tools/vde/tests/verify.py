# SPDX-License-Identifier: GPL-2.0-only
"""Tests of vde-verify that want more than its command line."""
import argparse
import base64
import hashlib
import json
import os
import struct
import sys
import uuid

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))
from vde_verify import device, directory, passport, report, signature  # noqa: E402
from vde_verify import volume, worm, xxh64  # noqa: E402
from vde_verify.block import BLOCK, Block  # noqa: E402

# The DER that stands before a point in a public key of P-256
DER_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def pem_of(point):
    der = base64.encodebytes(DER_HEAD + point).decode()
    return "-----BEGIN PUBLIC KEY-----\n%s-----END PUBLIC KEY-----\n" % der


def pem(path, point):
    with open(path, "w") as file:
        file.write(pem_of(bytes.fromhex(point)))


def golden():
    with open(os.path.join(here, "golden.json")) as file:
        want = json.load(file)
    for length, value in want["xxh64_of_first_n_bytes_of_0_1_2_ff_00"].items():
        data = bytes(i & 255 for i in range(int(length)))
        assert "%016x" % xxh64.xxh64(data) == value, length
    data = bytes(i & 255 for i in range(4080))
    trailer = want["trailer"]
    Block(data + bytes.fromhex(trailer["trailer_hex"])).check(
        trailer["tag"], trailer["generation"])
    golden_record(want["record"])
    golden_uuid(want["region_uuid"])
    for one in want["passports"]:
        golden_passport(one)


def golden_record(want):
    assert worm.place_of(want["index"]) == (1, 52)
    made = worm.Record(bytes(52) + bytes.fromhex(want["record_hex"]), 78)
    made.check(78)
    assert (made.time, made.length) == (want["ticks"], want["length"])
    assert made.digest == hashlib.sha256(want["data"].encode()).digest()


def golden_uuid(want):
    stored = uuid.UUID(want["volume_uuid"]).bytes_le
    digest = bytearray.fromhex(want["sha256_first16_hex"])
    made = directory.region_uuid(stored, want["slot"])
    assert made[:7] == digest[:7] and made[9:] == digest[9:]
    assert uuid.UUID(bytes_le=made).version == 8
    assert hashlib.sha256(stored + struct.pack("<I", 0)).digest()[:16] == digest


def golden_passport(want):
    made = passport.Passport(bytes.fromhex(want["serialized_hex"]))
    facts = made.facts(None)
    assert facts["id"] == want["passport_id"]
    assert facts["object"] == want["object_id"]
    assert (made.framework, made.status) == (want["framework"], want["status"])
    assert (made.issued, made.expires, made.verified) == (
        want["issued"], want["expires"], want["last_verified"])
    assert made.issuer_bytes.hex() == want["issuer_hex"]
    assert made.notes_bytes.hex() == want["notes_hex"]
    assert made.signed.hex() == want["payload_hex"]
    assert made.signature.hex() == want["signature_hex"]


def vectors(path):
    """Signatures of Wycheproof, which try everything that can be wrong."""
    with open(path) as file:
        groups = json.load(file)["testGroups"]
    keys, count = signature.Keys(), 0
    for group in groups:
        with open("vector.pem", "w") as file:
            file.write(group["publicKeyPem"])
        keys.add("vector.pem")
        for test in group["tests"]:
            raw = bytes.fromhex(test["sig"])
            if len(raw) != 64:
                continue
            made = argparse.Namespace(issuer="", signature=raw,
                                      signed=bytes.fromhex(test["msg"]))
            good = keys.verdict(made) == signature.GOOD
            assert good == (test["result"] == "valid"), test
            count += 1
    assert count > 200, count


def look(image, keys=None):
    found = report.Report()
    options = argparse.Namespace(data=True, passports=False,
                                 keys=keys or signature.Keys())
    volume.verify(image, options, found)
    return found


def flips(path, first, count, step):
    """Each bit flipped in turn: prints those not found, or not where they are."""
    first, count, step = int(first), int(count), int(step)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    image = device.Image(data)
    assert look(image).is_sound()
    for bit in range(first * BLOCK * 8, (first + count) * BLOCK * 8, step):
        data[bit // 8] ^= 1 << bit % 8
        where = bit // 8 // BLOCK
        found = [f for f in look(image).findings if f["severity"] != "note"]
        # A commit is told by the first of its two blocks
        near = [f["block"] for f in found
                if f["block"] is not None and 0 <= where - f["block"] <= 1]
        if not near:
            print("bit %d of byte %d of block %d: %s" %
                  (bit % 8, bit // 8 % BLOCK, where, found or "not found"))
        data[bit // 8] ^= 1 << bit % 8


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
