"""convert_encrypt_test.py - what `joist convert --encrypt` writes, read by pyarrow with the same keys.

One key and keys of columns' own by their names in a file of keys, both ciphers, encrypted and signed footers, prefixes
that are stored and that are not, one file and many.
"""

import itertools
import os
import subprocess
import sys
import tempfile

import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from parquet_encrypt_test import material
from parquet_encryption_test import Service

JOIST = os.environ.get("JOIST_COMMAND") or os.path.join(os.getcwd(), "joist")
ROWS = 500
KEYS = {"kf": bytes(range(16)), "kc": bytes(range(24)), "kp": bytes(range(32))}


def joist(*arguments):
    done = subprocess.run([JOIST, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def one_key(folder, source, wanted):
    ways = itertools.product(KEYS.values(), ("gcm", "gcm-ctr"), (False, True), (None, "stored", "hidden"))
    for number, (key, cipher, is_plain, prefix) in enumerate(ways):
        keys, out = os.path.join(folder, "one.keys"), os.path.join(folder, f"one{number}.parquet")
        with open(keys, "w", encoding="ascii") as file:
            file.write("# of all\n" + key.hex() + "\n")
        options = ["--encrypt-plain-footer"] * is_plain
        options += ["--encrypt-aad-prefix", "table/one"] * (prefix is not None)
        options += ["--encrypt-hide-aad-prefix"] * (prefix == "hidden")
        joist("convert", source, out, "--encrypt", keys, "--encrypt-cipher", cipher, "--rows-per-group", "200",
              "--bloom", "name", "--quiet", *options)
        read = pe.create_decryption_properties(key, aad_prefix=b"table/one" if prefix == "hidden" else None)
        assert pq.ParquetFile(out, decryption_properties=read).read().equals(wanted), options
        check = ["--keys", keys] + ["--aad-prefix", "table/one"] * (prefix is not None)
        assert "ok" in joist("check", out, *check)


def column_keys(folder, source, wanted):
    """Keys whose names are pyarrow's key material, as a writer with a key management service would leave."""
    names = {name: material(name, key, name == "kf").decode() for name, key in KEYS.items()}
    keys = os.path.join(folder, "columns.keys")
    with open(keys, "w", encoding="ascii") as file:
        file.writelines(f"{names[name]}={key.hex()}\n" for name, key in KEYS.items())
    wishes = ["--encrypt", keys, "--encrypt-footer", names["kf"], "--encrypt-column", "name=" + names["kc"],
              "--encrypt-column", "price=" + names["kp"], "--encrypt-column", "id="]
    factory = pe.CryptoFactory(Service)
    for cipher, is_plain in itertools.product(("gcm", "gcm-ctr"), (False, True)):
        out = os.path.join(folder, "columns.parquet")
        joist("convert", source, out, *wishes, "--encrypt-cipher", cipher, "--force", "--quiet",
              *["--encrypt-plain-footer"] * is_plain)
        read = factory.file_decryption_properties(pe.KmsConnectionConfig())
        assert pq.ParquetFile(out, decryption_properties=read).read().equals(wanted)
        if is_plain:
            assert pq.read_table(out, columns=["day"]).equals(wanted.select(["day"]))
        assert joist("cat", out, "--keys", keys) == joist("cat", source)
    many = os.path.join(folder, "many")
    joist("convert", source, many, *wishes, "--split-rows", "100", "--quiet")
    files = [os.path.join(many, name) for name in os.listdir(many)]
    assert len(files) == ROWS // 100
    for path in files:
        read = factory.file_decryption_properties(pe.KmsConnectionConfig())
        assert pq.ParquetFile(path, decryption_properties=read).read().num_rows == 100


def main():
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "rows.csv")
        with open(source, "w", encoding="ascii") as file:
            file.write("id,name,price,day\n")
            file.writelines(f"{i},{'name %d' % i if i % 7 else ''},{i}.5e-1,2026-11-{1 + i % 30:02}\n" for i in range(ROWS))
        plain = os.path.join(folder, "plain.parquet")
        joist("convert", source, plain, "--quiet")
        wanted = pq.read_table(plain)
        assert wanted.num_rows == ROWS
        one_key(folder, source, wanted)
        column_keys(folder, source, wanted)
    print("encrypted files of the command are read back")


if __name__ == "__main__":
    sys.exit(main())
