"""Encrypted Parquet in every mode, against pyarrow's reading with the same keys.

    parquet_encryption_test.py         the library at JOIST_LIBRARY; JOIST_SEED and JOIST_ROUNDS choose the cases

pyarrow writes files with one key (16, 24, 32 bytes) and with keys of columns' own, both ciphers, encrypted and
plaintext footers, AAD prefixes stored and supplied; we read the whole, ranges, and copies with a byte changed, which
must fail or read the same. The files of parquet-testing are read with their published keys; those of the one with
external key material are unwrapped here, as a key management service would.
"""

import base64
import ctypes
import json
import os
import random
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from joist_library import Joist, JoistError, keys_of
from parquet_read_test import compare

HERE = os.path.dirname(os.path.abspath(__file__))
TESTING = os.environ.get("JOIST_PARQUET_TESTING") or os.path.join(HERE, "../../../shared/parquet-testing")
MASTER_KEYS = {"kf": b"0123456789012345", "kc1": b"1234567890123450", "kc2": b"1234567890123451"}
KEYS_256 = {"kf": b"01234567890123456789012345678901"}
KEYS_256.update({f"kc{number}": b"123456789012345678901234567890%d" % (11 + number) for number in range(1, 9)})


def open_gcm(key, additional, sealed):
    """AES-GCM of nonce, ciphertext and tag, by libcrypto: what a key management service does."""
    crypto = ctypes.CDLL("libcrypto.so.3")
    crypto.EVP_CIPHER_fetch.restype = crypto.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
    cipher = ctypes.c_void_p(crypto.EVP_CIPHER_fetch(None, b"AES-%d-GCM" % (len(key) * 8), None))
    state = ctypes.c_void_p(crypto.EVP_CIPHER_CTX_new())
    nonce, text, tag = sealed[:12], sealed[12:-16], sealed[-16:]
    out, size = ctypes.create_string_buffer(len(text) + 16), ctypes.c_int()
    try:
        assert crypto.EVP_CipherInit_ex2(state, cipher, key, nonce, 0, None) == 1
        crypto.EVP_CipherUpdate(state, None, ctypes.byref(size), additional, len(additional))
        crypto.EVP_CipherUpdate(state, out, ctypes.byref(size), text, len(text))
        crypto.EVP_CIPHER_CTX_ctrl(state, 0x11, 16, tag)
        assert crypto.EVP_CipherFinal_ex(state, ctypes.create_string_buffer(16), ctypes.byref(size)) == 1
    finally:
        crypto.EVP_CIPHER_CTX_free(state)
        crypto.EVP_CIPHER_free(cipher)
    return out.raw[:len(text)]


class Service(pe.KmsClient):
    """Wraps keys in base64 and nothing else: it is the file's modes that are tested."""

    def __init__(self, _configuration):
        super().__init__()

    def wrap_key(self, key_bytes, master_key_identifier):
        return base64.b64encode(master_key_identifier.encode() + b":" + key_bytes).decode()

    def unwrap_key(self, wrapped_key, master_key_identifier):
        name, key = base64.b64decode(wrapped_key).split(b":", 1)
        assert name.decode() == master_key_identifier
        return key


def unwrap_material(metadata):
    """The data key in the key material that a CryptoFactory leaves in a file, by the service above."""
    material = json.loads(metadata)
    service = Service(None)
    if not material["doubleWrapping"]:
        return service.unwrap_key(material["wrappedDEK"], material["masterKeyID"])
    middle = service.unwrap_key(material["wrappedKEK"], material["masterKeyID"])
    return open_gcm(middle, base64.b64decode(material["keyEncryptionKeyID"]), base64.b64decode(material["wrappedDEK"]))


def make_table(rng):
    rows = rng.choice([1, 7, 100, 1000])

    def some(make):
        share = rng.choice([0, 0.1, 1])
        return [None if rng.random() < share else make() for _ in range(rows)]

    return pa.table({
        "id": pa.array(range(rows), pa.int64()),
        "name": pa.array(some(lambda: "n%d" % rng.randint(0, 20)), pa.string()),
        "price": pa.array(some(lambda: rng.randint(-1000, 1000) / 8), pa.float64()),
        "tags": pa.array(some(lambda: [rng.randint(0, 9) for _ in range(rng.randint(0, 3))]), pa.list_(pa.int32())),
        "place": pa.array(some(lambda: {"x": rng.randint(0, 9), "y": None}),
                          pa.struct([("x", pa.int16()), ("y", pa.string())])),
    })


def one_key(rng):
    """(what pyarrow writes with, what it reads with, our keys, the mode in words)"""
    key = rng.randbytes(rng.choice([16, 24, 32]))
    prefix = rng.choice([None, b"table/part-%d" % rng.randint(0, 99)])
    stored = prefix is not None and rng.random() < 0.5
    mode = {"encryption_algorithm": rng.choice(["AES_GCM_V1", "AES_GCM_CTR_V1"]), "plaintext_footer": rng.random() < 0.5}
    write = pe.create_encryption_properties(key, aad_prefix=prefix, store_aad_prefix=stored, **mode)
    given = None if stored and rng.random() < 0.5 else prefix
    read = pe.create_decryption_properties(key, aad_prefix=given)
    return write, read, keys_of(lambda _column, _metadata: key, given), f"one key of {len(key)}, {mode}, prefix {prefix}"


def column_keys(rng):
    mode = {
        "encryption_algorithm": rng.choice(["AES_GCM_V1", "AES_GCM_CTR_V1"]),
        "plaintext_footer": rng.random() < 0.5,
        "double_wrapping": rng.random() < 0.5,
        "data_key_length_bits": rng.choice([128, 192, 256]),
    }
    if rng.random() < 0.3:
        mode["uniform_encryption"] = True
    else:
        mode["column_keys"] = {"k1": ["name", "place.x"], "k2": ["tags.list.element"]}
    factory, connection = pe.CryptoFactory(Service), pe.KmsConnectionConfig()
    write = factory.file_encryption_properties(connection, pe.EncryptionConfiguration(footer_key="kf", **mode))
    read = factory.file_decryption_properties(connection)
    return write, read, keys_of(lambda _column, metadata: unwrap_material(metadata)), f"{mode}"


def check_changed_bytes(joist, rng, path, keys, table, whole):
    """A changed byte is refused, or was not one that says anything. CTR does not prove its pages: those may differ."""
    data = open(path, "rb").read()
    for _ in range(4):
        at = rng.randrange(len(data))
        with open(path + ".changed", "wb") as file:
            file.write(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:])
        try:
            read = joist.read_parquet(path + ".changed", keys=keys)
        except (JoistError, pa.ArrowException, OSError):
            continue
        assert not whole or read.equals(table), f"byte {at} changed the rows"


def check_round(joist, rng, folder):
    table = make_table(rng)
    write, read, keys, words = rng.choice([one_key, column_keys])(rng)
    path = os.path.join(folder, "file.parquet")
    pq.write_table(
        table, path, encryption_properties=write, store_schema=False,
        compression=rng.choice(["none", "snappy", "zstd"]), use_dictionary=rng.random() < 0.5,
        data_page_version=rng.choice(["1.0", "2.0"]), data_page_size=rng.choice([64, 1000, 1 << 20]),
        write_batch_size=rng.choice([5, 1024]), row_group_size=rng.choice([50, 1 << 20]),
        write_page_index=rng.random() < 0.5, write_page_checksum=rng.random() < 0.5)
    wanted = pq.read_table(path, decryption_properties=read, use_threads=False)
    got = joist.read_parquet(path, keys=keys)
    compare(got, wanted, words)
    start = rng.randrange(table.num_rows)
    part = joist.read_parquet(path, keys=keys, row_start=start, row_count=5)
    compare(part, wanted.slice(start, 5), f"{words}, rows from {start}")
    if "column_keys" in words:
        others = keys_of(lambda column, metadata: None if column == "name" else unwrap_material(metadata))
        compare(joist.read_parquet(path, ["id", "tags"], keys=others), wanted.select(["id", "tags"]), words)
        try:
            joist.read_parquet(path, ["name"], keys=others)
            raise AssertionError("a column was read without its key")
        except (JoistError, pa.ArrowException, OSError) as error:
            assert "column 'name'" in str(error) and "which was not given" in str(error), error
    check_changed_bytes(joist, rng, path, keys, got, "GCM_V1" in words and "column_keys" not in words)


def check_testing_files(joist):
    """Published keys; all of one folder have the same rows, which pyarrow reads of the uniform one."""
    checked = 0
    for folder, named in ((os.path.join(TESTING, "data"), MASTER_KEYS), (os.path.join(TESTING, "data/aes256"), KEYS_256)):
        uniform = pq.read_table(
            os.path.join(folder, "uniform_encryption.parquet.encrypted"),
            decryption_properties=pe.create_decryption_properties(named["kf"]), use_threads=False)
        columns = [name for name in uniform.column_names if name != "int96_field"]
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".encrypted") or "bloom" in name or "external" in name:
                continue
            prefix = b"tester" if "disable_aad_storage" in name else None
            keys = keys_of(lambda _column, metadata, named=named: named[metadata.decode()], prefix)
            compare(joist.read_parquet(os.path.join(folder, name), columns, keys=keys), uniform.select(columns), name)
            checked += 1
    return checked


def check_external_material(joist):
    path = os.path.join(TESTING, "data/external_key_material_java.parquet.encrypted")
    folder, name = os.path.split(path)
    material = json.load(open(os.path.join(folder, f"_KEY_MATERIAL_FOR_{name}.json")))

    def find(_column, metadata):
        entry = json.loads(material[json.loads(metadata)["keyReference"]])
        master = entry["masterKeyID"]
        middle = open_gcm(MASTER_KEYS[master], master.encode(), base64.b64decode(entry["wrappedKEK"]))
        return open_gcm(middle, base64.b64decode(entry["keyEncryptionKeyID"]), base64.b64decode(entry["wrappedDEK"]))

    table = joist.read_parquet(path, keys=keys_of(find))
    rows = table.to_pylist()
    assert rows[:2] == [{"integers": 0, "strings": "a0"}, {"integers": 1, "strings": "b1"}], rows[:2]


def main():
    seed = int(os.environ.get("JOIST_SEED") or random.randrange(1 << 32))
    rounds = int(os.environ.get("JOIST_ROUNDS") or 60)
    print(f"seed {seed}")
    rng = random.Random(seed)
    joist = Joist()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            check_round(joist, rng, folder)
    files = 0
    if os.path.isdir(TESTING):
        files = check_testing_files(joist)
        check_external_material(joist)
    elif os.environ.get("CI"):
        sys.exit(f"{TESTING} is not there")
    else:
        print(f"skipped: {TESTING} is not there (set JOIST_PARQUET_TESTING)")
    joist.close()
    print(f"{rounds} encrypted files and {files} of parquet-testing read as pyarrow reads them")


if __name__ == "__main__":
    main()
