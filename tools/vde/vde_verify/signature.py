# SPDX-License-Identifier: GPL-2.0-only
"""Signatures, verified by the program openssl."""
import os
import subprocess
import tempfile

# The order of P-256's group, from FIPS 186
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CURVE = bytes.fromhex("2a8648ce3d030107")  # the object identifier of P-256

GOOD, BAD, NO_KEY = "good", "bad", "no key"


class BadKey(Exception):
    """A key that cannot be used: says why."""


def openssl(*args, data=None):
    try:
        return subprocess.run(("openssl",) + args, input=data, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as err:
        raise BadKey("openssl: %s" % err.strerror)


def public_key(path):
    """The public key in PEM, from one, a certificate or a private key."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as err:
        raise BadKey("%s: %s" % (path, err.strerror))
    if b"BEGIN CERTIFICATE" in data:
        done = openssl("x509", "-noout", "-pubkey", data=data)
    elif b"PRIVATE KEY" in data:
        done = openssl("pkey", "-pubout", data=data)
    else:
        done = openssl("pkey", "-pubin", "-pubout", data=data)
    if done.returncode:
        raise BadKey("%s: no key in PEM" % path)
    der = openssl("pkey", "-pubin", "-outform", "DER", "-pubout",
                  data=done.stdout).stdout
    if CURVE not in der:
        raise BadKey("%s: no key of the curve P-256" % path)
    return done.stdout


def der_integer(number):
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(data)]) + data


def der_signature(raw):
    """None when r or s is out of range, which no signature has."""
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if not 0 < r < ORDER or not 0 < s < ORDER:
        return None
    body = der_integer(r) + der_integer(s)
    return b"\x30" + bytes([len(body)]) + body


class Keys:
    """Public keys by issuer; that of None is every other issuer's."""

    def __init__(self):
        self.paths = {}
        self.directory = None

    def add(self, text):
        """FILE, or ISSUER=FILE."""
        issuer, equals, path = text.rpartition("=")
        if self.directory is None:
            self.directory = tempfile.TemporaryDirectory(prefix="vde-verify.")
        name = os.path.join(self.directory.name, "key%d" % len(self.paths))
        with open(name, "wb") as file:
            file.write(public_key(path))
        self.paths[issuer if equals else None] = name

    def verdict(self, passport):
        path = self.paths.get(passport.issuer, self.paths.get(None))
        if path is None:
            return NO_KEY
        der = der_signature(passport.signature)
        if der is None:
            return BAD
        name = os.path.join(self.directory.name, "signature")
        with open(name, "wb") as file:
            file.write(der)
        done = openssl("dgst", "-sha256", "-verify", path, "-signature", name,
                       data=passport.signed)
        return GOOD if done.stdout.strip() == b"Verified OK" else BAD
