#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks proto/wire/vectors without any of our code: Python's msgpack, hashlib and the openssl program.

    check_vectors.py [DIR]           exit 0 if every NAME.bin is what its NAME.json says
    check_vectors.py --sign [DIR]    prints digest and signatures as the vectors' private key (RFC
                                     8032, section 7.1, test 1) makes them
    check_vectors.py --show FILE     prints a .bin in the notation of the .json files

Notation: maps have their field numbers as keys ("1"), byte strings are {"bin": "hex"}, a byte string
that holds msgpack itself is {"msgpack": [values, one after the other]}."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile

import msgpack

PRIVATE = bytes.fromhex("302e020100300506032b657004220420"
                        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def unpack_all(data):
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
    unpacker.feed(data)
    values = list(unpacker)
    if unpacker.tell() != len(data):
        raise ValueError("bytes behind the last value")
    return values


def pack(value):
    """From the notation to bytes: every number in its shortest form."""
    if isinstance(value, dict) and set(value) == {"bin"}:
        return msgpack.packb(bytes.fromhex(value["bin"]))
    if isinstance(value, dict) and set(value) == {"msgpack"}:
        return msgpack.packb(b"".join(pack(v) for v in value["msgpack"]))
    if isinstance(value, dict):
        head = msgpack.Packer().pack_map_header(len(value))
        return head + b"".join(msgpack.packb(int(k)) + pack(v) for k, v in value.items())
    if isinstance(value, list):
        return msgpack.Packer().pack_array_header(len(value)) + b"".join(pack(v) for v in value)
    return msgpack.packb(value)


def show(value):
    """From decoded msgpack to the notation."""
    if isinstance(value, bytes):
        if value[:1] and value[0] & 0xf0 in (0x80, 0xd0) and len(value) > 90:
            try:
                return {"msgpack": [show(v) for v in unpack_all(value)]}
            except (ValueError, msgpack.UnpackException):
                pass
        return {"bin": value.hex()}
    if isinstance(value, dict):
        return {str(k): show(v) for k, v in value.items()}
    if isinstance(value, list):
        return [show(v) for v in value]
    return value


def sha256(data):
    return hashlib.sha256(data).digest()


def openssl(args, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        done = subprocess.run(["openssl"] + args, cwd=folder, capture_output=True, check=False)
        return done.returncode, done.stdout


def verify(public, data, signature):
    code, _ = openssl(["pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "key",
                       "-in", "data", "-sigfile", "sig"],
                      {"key": public, "data": data, "sig": signature})
    return code == 0


def sign(data):
    code, out = openssl(["pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", "key", "-in", "data"],
                        {"key": PRIVATE, "data": data})
    if code != 0:
        sys.exit("openssl cannot sign")
    return out


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def batch_signed(batch):
    return b"platen-batch-1\0" + sha256(batch[3]) + sha256(batch[4])


def receipt_signed(receipt):
    return b"platen-receipt-1\0" + sha256(receipt[3])


def check_signatures(folder, minor):
    """Batch and receipt: version, key id, signatures, and what ties the receipt to the batch. minor is
    "" for the schema of today, "_v0" to "_v2" for what agents and hubs of these minors wrote."""
    wrong = []
    batch = unpack_all(read(folder, f"batch{minor}.bin"))[0]
    head = unpack_all(batch[3])[0]
    receipt = unpack_all(read(folder, f"receipt{minor}.bin"))[0]
    inner = unpack_all(receipt[3])[0]
    for name, envelope, key in (("batch", batch, head[11]), ("receipt", receipt, inner[11])):
        if envelope[0] != 1 or envelope[1] != 1:
            wrong.append(f"{name}: version or algorithm")
        if envelope[2] != sha256(key)[:8]:
            wrong.append(f"{name}: key id")
    if not verify(head[11], batch_signed(batch), batch[5]):
        wrong.append("batch: signature")
    if not verify(inner[11], receipt_signed(receipt), receipt[4]):
        wrong.append("receipt: signature")
    if inner[8] != sha256(batch_signed(batch)):
        wrong.append("receipt: batch digest")
    if head[8] != len(batch[4]) or len(unpack_all(batch[4])) != head[5]:
        wrong.append("batch: length or count of the body")
    # A changed body must not verify.
    changed = list(batch)
    changed[4] = batch[4][:-1] + bytes([batch[4][-1] ^ 1])
    if verify(head[11], batch_signed(changed), batch[5]):
        wrong.append("batch: the signature does not cover the body")
    if head.get(14, 0) != {"": 3, "_v2": 2, "_v1": 1, "_v0": 0}[minor]:
        wrong.append("batch: minor")
    return [line + minor for line in wrong]


def check(folder):
    names = sorted(n[:-4] for n in os.listdir(folder) if n.endswith(".bin"))
    wrong = [] if len(names) >= 10 else [f"{folder}: only {len(names)} vectors"]
    for name in names:
        data = read(folder, name + ".bin")
        expected = json.loads(read(folder, name + ".json"))
        if [show(v) for v in unpack_all(data)] != [expected]:
            wrong.append(f"{name}: decodes to something else")
        if pack(expected) != data:
            wrong.append(f"{name}: bytes are not the shortest encoding of its JSON")
    for minor in ("", "_v2", "_v1", "_v0"):
        wrong += check_signatures(folder, minor)
    for line in wrong:
        print(f"check_vectors: {line}", file=sys.stderr)
    print(f"check_vectors: {len(names)} vectors, {len(wrong)} wrong")
    return 1 if wrong else 0


def main(args):
    here = os.path.dirname(os.path.abspath(__file__))
    folder = os.path.join(here, "..", "..", "proto", "wire", "vectors")
    if args and args[0] == "--show":
        for value in unpack_all(read(".", args[1])):
            print(json.dumps(show(value), indent=1, ensure_ascii=False))
        return 0
    if args and args[0] == "--sign":
        folder = args[1] if len(args) > 1 else folder
        batch = unpack_all(read(folder, "batch.bin"))[0]
        print("key_id", sha256(unpack_all(batch[3])[0][11])[:8].hex())
        print("batch_signature", sign(batch_signed(batch)).hex())
        print("batch_digest", sha256(batch_signed(batch)).hex())
        print("receipt_signature", sign(receipt_signed(unpack_all(read(folder, "receipt.bin"))[0])).hex())
        return 0
    return check(args[0] if args else folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
