# SPDX-License-Identifier: GPL-2.0-only
"""ECDSA on P-256 with SHA-256, slow and plain: none of the project's own code."""
import hashlib

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
SECRET = 0x1F2E3D4C5B6A79880123456789ABCDEF0F1E2D3C4B5A69788796A5B4C3D2E1F0


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(number, point):
    product = None
    while number:
        if number & 1:
            product = add(product, point)
        point = add(point, point)
        number >>= 1
    return product


def digest_of(data):
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def sign(data, secret=SECRET):
    nonce = digest_of(secret.to_bytes(32, "big") + data) % N
    r = times(nonce, G)[0] % N
    s = pow(nonce, -1, N) * (digest_of(data) + r * secret) % N
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(data, signature, point):
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N):
        return False
    inverse = pow(s, -1, N)
    found = add(times(digest_of(data) * inverse % N, G),
                times(r * inverse % N, point))
    return found is not None and found[0] % N == r


def public(secret=SECRET):
    x, y = times(secret, G)
    return "04%064x%064x" % (x, y)


def point_of(text):
    return int(text[2:66], 16), int(text[66:], 16)
