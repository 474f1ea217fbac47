"""parquet_files - the Parquet files that the readers are measured on, each made once by pyarrow

lineitem: TPC-H at scale 1, row groups of 1 Mi rows, one file a codec. hits: two million web requests, 14 columns with
strings (as NDJSON: one million). nested: a million rows with a list of structs and a struct. plain3: ten million numbers without dictionary.
"""
import lineitem

ROW_GROUP = 1 << 20
CODECS = ("zstd", "snappy", "lz4", "none", "gzip")


def _made(path, make):
    if not path.exists():
        partial = path.with_suffix(".partial")
        make(partial)
        partial.rename(path)
    return path


def _write(table, path, codec, **options):
    import pyarrow.parquet as pq
    pq.write_table(table, path, compression=codec, row_group_size=ROW_GROUP, **options)


def _lineitem_table(work):
    import pyarrow as pa
    import pyarrow.csv as csv
    money = pa.decimal128(15, 2)
    types = {"l_orderkey": pa.int64(), "l_partkey": pa.int64(), "l_suppkey": pa.int64(), "l_linenumber": pa.int32(),
             "l_quantity": money, "l_extendedprice": money, "l_discount": money, "l_tax": money,
             "l_shipdate": pa.date32(), "l_commitdate": pa.date32(), "l_receiptdate": pa.date32()}
    return csv.read_csv(lineitem.csv(work), convert_options=csv.ConvertOptions(column_types=types))


def lineitem_file(work, codec, page_index=False):
    name = f"lineitem_{codec}{'_indexed' if page_index else ''}.parquet"
    return _made(work / name, lambda path: _write(_lineitem_table(work), path, codec, write_page_index=page_index))


def _generated(select, rows):
    """The table of a SELECT over i, 0 <= i < rows. r(i, k) is a number in [0, 1), the same in each run."""
    import duckdb
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    connection.execute("create macro r(i, k) as (hash(i * 31 + k) >> 11) / 9007199254740992.0")
    return connection.sql(f"select {select} from range({rows}) t(i) order by i").to_arrow_table()


def _hits_select(at):
    return f"""1000000000 + i as id,
        {at} as at,
        '10.' || (r(i, 2) * 255)::int || '.' || (r(i, 3) * 255)::int || '.' || (r(i, 4) * 255)::int as ip,
        ['GET', 'GET', 'GET', 'GET', 'POST', 'HEAD'][1 + floor(r(i, 5) * 6)::int] as method,
        '/shop/item/' || floor(200000 * pow(r(i, 6), 4))::int as path,
        [200, 200, 200, 200, 200, 301, 304, 404, 500][1 + floor(r(i, 7) * 9)::int]::int as status,
        (100 + r(i, 8) * 1000000)::bigint as bytes,
        round(-120 * ln(1 - r(i, 9)), 3) as duration_ms,
        case when r(i, 10) > 0.6 then 'https://search.example/?q=' || floor(r(i, 11) * 50000)::int end as referer,
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.' || floor(r(i, 12) * 300)::int as agent,
        ['DE', 'US', 'NO', 'FR', 'JP', 'BR'][1 + floor(r(i, 13) * 6)::int] as country,
        r(i, 14) < 0.3 as logged_in,
        md5(floor(r(i, 15) * 100000)::varchar) as session,
        round(r(i, 16) * 100, 2) as score"""


def hits(work, rows=2_000_000):
    select = _hits_select("make_timestamptz(1700000000000000 + i * 1000000 + (r(i, 1) * 1000000)::bigint)")
    return _made(work / "hits_snappy.parquet", lambda path: _write(_generated(select, rows), path, "snappy"))


def hits_ndjson(work, rows=1_000_000):
    instant = "make_timestamp_ms(1700000000000 + i * 1000 + (r(i, 1) * 1000)::bigint)"

    def make(path):
        import json
        with open(path, "w", encoding="ascii") as out:
            for batch in _generated(_hits_select(f"strftime({instant}, '%Y-%m-%dT%H:%M:%S.%gZ')"), rows).to_batches(65536):
                out.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in batch.to_pylist())
    return _made(work / "hits.ndjson", make)


def nested(work, rows=1_000_000):
    select = """i as id,
        [{'sku': floor(r(i, j) * 50000)::bigint, 'quantity': (1 + r(i, j + 10) * 9)::int,
          'price': case when r(i, j + 20) > 0.1 then round(r(i, j + 30) * 500, 2) end,
          'name': 'product ' || floor(r(i, j + 40) * 20000)::int}
         for j in range(1, 1 + floor(r(i, 0) * 6)::int)] as items,
        {'city': 'city ' || floor(r(i, 60) * 5000)::int, 'lat': r(i, 61) * 180 - 90, 'lon': r(i, 62) * 360 - 180} as place"""
    return _made(work / "nested_zstd.parquet", lambda path: _write(_generated(select, rows), path, "zstd"))


def plain3(work, rows=10_000_000):
    select = "i * 50 + floor(r(i, 1) * 50)::bigint as a, round(20 + 5 * r(i, 2), 2) as b, floor(r(i, 3) * 1000000)::int as c"
    return _made(work / "plain3_zstd.parquet",
                 lambda path: _write(_generated(select, rows), path, "zstd", use_dictionary=False))


def one_group(work, rows=60_000_000):
    """One row group of 60 million rows, pages v2; needs some GB of memory once."""
    select = """(hash(i) >> 1)::bigint as a, r(i, 2) as b, (hash(i + 7) >> 33)::int as c,
        i * 1000 + floor(r(i, 4) * 1000)::bigint as d"""

    def make(path):
        import pyarrow.parquet as pq
        pq.write_table(_generated(select, rows), path, compression="zstd", row_group_size=rows, use_dictionary=False,
                       data_page_version="2.0")
    return _made(work / "one_group.parquet", make)


def wide(work, columns=10_000, groups=20, rows=50):
    """10,000 numbers a row: a footer of 22 MB over some pages."""
    import random

    import pyarrow as pa
    import pyarrow.parquet as pq

    def make(path):
        numbers = random.Random(1)
        schema = pa.schema([(f"c{index}", pa.int64()) for index in range(columns)])
        with pq.ParquetWriter(path, schema) as writer:
            for _ in range(groups):
                arrays = [pa.array([numbers.getrandbits(40) for _ in range(rows)], pa.int64()) for _ in range(columns)]
                writer.write_table(pa.table(arrays, schema=schema))
    return _made(work / "wide.parquet", make)


SHAPES = {
    "doubles of two decimals": "round(r(i, 1) * 100000) / 100",
    "random doubles": "r(i, 2)",
    "sorted int64": "(i * 1000 + floor(r(i, 3) * 1000))::bigint",
    "random int64": "(hash(i) >> 1)::bigint",
    "UUIDs as text": "(md5((i * 2)::varchar)::uuid)::varchar",
    "URLs": "'https://www.shop' || floor(r(i, 4) * 50)::int || '.example/category/' || floor(r(i, 5) * 300)::int || '/item/' || "
            "floor(r(i, 6) * 1000000)::int || '?ref=' || floor(r(i, 7) * 20)::int",
    "few texts": "['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'][1 + floor(r(i, 8) * 8)::int]",
    "timestamps with jitter": "make_timestamp(1700000000000000 + i * 1000000 + floor(r(i, 9) * 200000)::bigint)",
}


def shape(work, name):
    def make(path):
        _write(_generated(f"{SHAPES[name]} as c", 10_000_000), path, "none", use_dictionary=False)
    return _made(work / f"shape_{name.replace(' ', '_')}.parquet", make)
