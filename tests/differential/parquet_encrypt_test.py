"""parquet_encrypt_test.py - encrypted files in every mode, read by pyarrow with the same keys and by us.

Both ciphers, keys of 16, 24 and 32 bytes, encrypted and signed footers, prefixes that are stored and that are not, one
key and keys of columns' own, with page index, Bloom filters, pages v1 and v2. JOIST_SEED and JOIST_ROUNDS choose.
"""

import base64
import ctypes
import json
import os
import random
import sys
import tempfile

import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from joist_library import ColumnKey, Encryption, Joist, JoistError, Key, keys_of
from parquet_encryption_test import Service, make_table, unwrap_material


def key_of(key, metadata=None):
    return Key(key, len(key), metadata, len(metadata or b""))


def encryption_of(rng, footer, columns=None):
    """What we write with, and the prefix that readers must be given."""
    made = Encryption(struct_size=ctypes.sizeof(Encryption))
    made.cipher = rng.randint(0, 1)
    made.footer = footer
    made.plain_footer = rng.random() < 0.5
    prefix = rng.choice([None, b"table/part-%d" % rng.randint(0, 99)])
    made.aad_prefix, made.aad_prefix_bytes = prefix, len(prefix or b"")
    made.no_aad_prefix = prefix is not None and rng.random() < 0.5
    if columns is not None:
        made.columns, made.column_count = columns, len(columns)
    return made, prefix if made.no_aad_prefix else None


def material(name, key, is_footer):
    """Key material as pyarrow's CryptoFactory leaves it, for the service that wraps in base64."""
    made = {"keyMaterialType": "PKMT1", "internalStorage": True, "isFooterKey": is_footer, "masterKeyID": name,
            "wrappedDEK": base64.b64encode(name.encode() + b":" + key).decode(), "doubleWrapping": False}
    if is_footer:
        made.update(kmsInstanceID="DEFAULT", kmsInstanceURL="DEFAULT")
    return json.dumps(made).encode()


def options_of(rng):
    return {"compat": rng.randint(0, 3), "page_rows_max": rng.choice([0, 10]), "bloom": rng.choice([0, 2]),
            "row_group_rows_max": rng.choice([0, 400]), "no_dictionary": rng.random() < 0.3}


def one_key(joist, rng, path, table):
    key = rng.randbytes(rng.choice([16, 24, 32]))
    encryption, prefix = encryption_of(rng, key_of(key))
    joist.write_parquet(path, table.schema, table.to_batches(max_chunksize=99),
                        encryption=ctypes.addressof(encryption), **options_of(rng))
    read = pe.create_decryption_properties(key, aad_prefix=prefix)
    found = pq.ParquetFile(path, decryption_properties=read, page_checksum_verification=True).read()
    assert found.to_pylist() == table.to_pylist(), "pyarrow reads other rows"
    ours = joist.read_parquet(path, keys=keys_of(lambda _column, _metadata: key, prefix))
    assert ours.to_pylist() == table.to_pylist(), "we read other rows"
    wrong = rng.randbytes(len(key))
    try:
        joist.read_parquet(path, keys=keys_of(lambda _column, _metadata: wrong, prefix))
    except JoistError as error:
        assert error.status in ("CORRUPT", "DENIED"), error
    else:
        raise AssertionError("read with a wrong key")


def column_keys(joist, rng, path, table):
    names = {"kf": rng.randbytes(16), "kn": rng.randbytes(16), "kt": rng.randbytes(16)}
    columns = (ColumnKey * 3)(
        ColumnKey(b"name", key_of(names["kn"], material("kn", names["kn"], False))),
        ColumnKey(b"tags", key_of(names["kt"], material("kt", names["kt"], False))),
        ColumnKey(b"price", Key(None, 0, None, 0)))
    encryption, prefix = encryption_of(rng, key_of(names["kf"], material("kf", names["kf"], True)), columns)
    joist.write_parquet(path, table.schema, table.to_batches(max_chunksize=99),
                        encryption=ctypes.addressof(encryption), **options_of(rng))
    ours = joist.read_parquet(path, keys=keys_of(lambda _column, metadata: unwrap_material(metadata), prefix))
    assert ours.to_pylist() == table.to_pylist(), "we read other rows"
    if prefix is None:
        factory = pe.CryptoFactory(Service)
        read = factory.file_decryption_properties(pe.KmsConnectionConfig())
        found = pq.ParquetFile(path, decryption_properties=read).read()
        assert found.to_pylist() == table.to_pylist(), "pyarrow reads other rows"
    if encryption.plain_footer:
        found = joist.read_parquet(path, columns=["id", "place"])
        assert found.to_pylist() == table.select(["id", "place"]).to_pylist()


def main():
    seed = int(os.environ.get("JOIST_SEED") or random.SystemRandom().randint(0, 10**6))
    rounds = int(os.environ.get("JOIST_ROUNDS") or 40)
    print(f"JOIST_SEED={seed} JOIST_ROUNDS={rounds}")
    joist = Joist(threads=2)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            rng = random.Random(seed * 1000003 + number)
            path = os.path.join(folder, f"{number}.parquet")
            table = make_table(rng)
            try:
                (one_key if rng.random() < 0.5 else column_keys)(joist, rng, path, table)
            except Exception:
                print(f"case {number}", file=sys.stderr)
                raise
            os.remove(path)
    joist.close()
    print("encrypted files are read back")


if __name__ == "__main__":
    sys.exit(main())
