"""slow_check - all that a file of ours says of its values, held against the values that slow_parquet finds in it

    for chunk in slow_check.check(path, compat="wide"): chunk.leaf, chunk.values

Statistics, column and offset index, size statistics, Bloom filters, encoding_stats, and every size, count and place.
A Bloom filter must be, bit by bit, the one that the values make; its hash stands here once more, from its specification.
"""
import math
import struct

import slow_parquet
from slow_parquet import (BYTE_ARRAY, DATA, DELTA_BINARY, DELTA_BYTES, DELTA_LENGTH, DICTIONARY, DOUBLE, FIXED, FLOAT,
                          INT32, INT64, INT96, PLAIN, RLE, RLE_DICTIONARY, Thrift)

BOUND_BYTES = 64
DECIMAL, INTERVAL = 5, 21  # converted types
UNSIGNED = range(11, 15)
LOGICAL_INTEGER, LOGICAL_NULL, LOGICAL_HALF, LOGICAL_PLACES = 10, 11, 15, (17, 18)
UNORDERED, ASCENDING, DESCENDING = range(3)
SALTS = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31]
PRIMES = [0x9e3779b185ebca87, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0x85ebca77c2b2ae63, 0x27d4eb2f165667c5]
MASK = (1 << 64) - 1


def turned(value, bits):
    return (value << bits | value >> 64 - bits) & MASK


def xxh64(data):
    """Of seed 0."""
    one, two, three, four, five = PRIMES
    at, hashed = 0, five

    def lane(state, offset):
        word = int.from_bytes(data[offset:offset + 8], "little")
        return turned((state + word * two) & MASK, 31) * one & MASK

    if len(data) >= 32:
        lanes = [one + two & MASK, two, 0, -one & MASK]
        while at + 32 <= len(data):
            lanes = [lane(state, at + 8 * index) for index, state in enumerate(lanes)]
            at += 32
        hashed = sum(turned(state, bits) for state, bits in zip(lanes, (1, 7, 12, 18))) & MASK
        for state in lanes:
            hashed = ((hashed ^ turned(state * two & MASK, 31) * one) * one + four) & MASK
    hashed = hashed + len(data) & MASK
    while at + 8 <= len(data):
        hashed = turned(hashed ^ lane(0, at), 27) * one + four & MASK
        at += 8
    if at + 4 <= len(data):
        hashed = turned(hashed ^ int.from_bytes(data[at:at + 4], "little") * one & MASK, 23) * two + three & MASK
        at += 4
    for byte in data[at:]:
        hashed = turned(hashed ^ byte * five & MASK, 11) * one & MASK
    hashed = (hashed ^ hashed >> 33) * two & MASK
    hashed = (hashed ^ hashed >> 29) * three & MASK
    return hashed ^ hashed >> 32


def bloom_bits(values, size):
    """The filter of `size` bytes that holds these values and nothing else."""
    words, blocks = [0] * (size // 4), size // 32
    for value in values:
        hashed = xxh64(value)
        block = (hashed >> 32) * blocks >> 32
        for word, salt in enumerate(SALTS):
            words[block * 8 + word] |= 1 << ((hashed & 0xffffffff) * salt % 2**32 >> 27)
    return struct.pack(f"<{len(words)}I", *words)


def order_of(leaf):
    """Makes of a value what Python orders as the format does; None where the format has no order."""
    if leaf.converted == INTERVAL or leaf.physical == INT96 or any(kind in leaf.logical for kind in (LOGICAL_NULL, *LOGICAL_PLACES)):
        return None
    if leaf.converted == DECIMAL and leaf.physical in (BYTE_ARRAY, FIXED):
        return lambda value: int.from_bytes(value, "big", signed=True)
    if leaf.physical in (BYTE_ARRAY, FIXED) and LOGICAL_HALF not in leaf.logical:
        return bytes
    if leaf.physical in (INT32, INT64):
        signed = leaf.converted not in UNSIGNED and leaf.logical.get(LOGICAL_INTEGER, {}).get(2, True)
        return lambda value: int.from_bytes(value, "little", signed=signed)
    form = {FLOAT: "<f", DOUBLE: "<d", FIXED: "<e"}.get(leaf.physical, "?")
    return lambda value: struct.unpack(form, value)[0]


def is_real(leaf):
    return leaf.physical in (FLOAT, DOUBLE) or LOGICAL_HALF in leaf.logical


class Facts:
    """What is true of some values of a column."""

    def __init__(self, leaf, values):
        key = order_of(leaf)
        self.keys = {} if key is None else {value: key(value) for value in set(values)}
        nans = {value for value, made in self.keys.items() if made != made}
        self.nan_count = sum(value in nans for value in values) if nans else 0
        known = self.keys.keys() - nans
        self.count = len(values)
        self.least = min(known, key=self.keys.get) if known else None
        self.most = max(known, key=self.keys.get) if known else None
        self.key, self.leaf = key, leaf

    def check(self, low, high, cut, low_exact=None, high_exact=None):
        """Bounds as they stand in the file."""
        least, most, leaf = self.least, self.most, self.leaf
        assert least is not None, f"bounds {low!r} .. {high!r} of nothing that has an order"
        if leaf.physical != BYTE_ARRAY or leaf.converted == DECIMAL:
            assert leaf.width in (None, len(low)) and leaf.width in (None, len(high)), "widths of bounds"
            found, true = (self.key(low), self.key(high)), (self.keys[least], self.keys[most])
            assert found == true, f"bounds {found}, should be {true}"
            if is_real(leaf):
                assert found[0] != 0 or math.copysign(1, found[0]) < 0, "a least zero that leaves -0 out"
                assert found[1] != 0 or math.copysign(1, found[1]) > 0, "a greatest zero that leaves 0 out"
            assert low_exact in (None, True) and high_exact in (None, True)
            return
        self.check_least(low, cut, low_exact)
        assert high_exact in (None, high == most), f"greatest {high!r}, is {most!r}: exact {high_exact}"
        assert high == most if len(most) <= cut else high > most and len(high) <= cut, f"greatest {high!r}, is {most!r}"
        if leaf.converted == 0:
            high.decode()

    def check_least(self, low, cut, exact):
        """Of byte arrays."""
        least = self.least
        assert exact in (None, low == least), f"least {low!r}, is {least!r}: exact {exact}"
        assert low == least if len(least) <= cut else least.startswith(low) and len(low) <= cut, f"least {low!r}, is {least!r}"
        if self.leaf.converted == 0:
            low.decode()

    def may_have_none(self, cut):
        """No bounds: nothing but NaN, or bytes that are cut and cannot be raised."""
        return self.least is None or self.leaf.physical == BYTE_ARRAY and len(self.most) > cut


def check_statistics(chunk, facts, cut, wanted):
    found, entries = chunk.metadata.get(12), chunk.metadata[5]
    if not wanted:
        assert found is None, "statistics that nobody wanted"
        return
    assert found is not None and 1 not in found and 2 not in found, f"statistics {found}"
    assert found[3] == entries - facts.count, f"{found[3]} nulls, should be {entries - facts.count}"
    assert found.get(9) == (facts.nan_count if is_real(chunk.leaf) else None), f"{found.get(9)} NaN, are {facts.nan_count}"
    assert 4 not in found or found[4] == len(set(chunk.values)), f"{found[4]} distinct"
    assert (5 in found) == (7 in found) and (6 in found) == (8 in found), "bounds that do not say whether they are exact"
    if 5 in found:
        facts.check(found[6], found[5], cut, found[8], found[7])
    else:
        assert facts.may_have_none(cut), "no bounds"
        if 6 in found:  # the greatest alone cannot be raised
            facts.check_least(found[6], cut, found[8])


def histogram(levels, most):
    return [levels.count(level) for level in range(most + 1)]


def check_sizes(chunk):
    found, leaf = chunk.metadata[16], chunk.leaf
    unencoded = sum(map(len, chunk.values)) if leaf.physical == BYTE_ARRAY else None
    assert found.get(1) == unencoded, f"{found.get(1)} bytes unencoded, are {unencoded}"
    for field, most, name in ((2, leaf.max_rep, "reps"), (3, leaf.max_def, "defs")):
        levels = [level for page in chunk.pages for level in getattr(page, name)]
        true = histogram(levels, most) if most else None
        assert found.get(field) == true, f"{name} {found.get(field)}, should be {true}"


def check_column_index(file, chunk, facts, cut, statistics):
    column, leaf, pages = chunk.column, chunk.leaf, chunk.pages
    if 6 not in column:
        assert not statistics or any(fact.count and fact.may_have_none(cut) for fact in facts), "no column index"
        return
    thrift = Thrift(file.data[column[6]:column[6] + column[7]])
    index = thrift.struct()
    assert thrift.at == column[7], "the length of the column index"
    nulls = [fact.count == 0 for fact in facts]
    assert index[1] == nulls, f"null_pages {index[1]}, should be {nulls}"
    assert len(index[2]) == len(index[3]) == len(pages)
    for number, (fact, low, high) in enumerate(zip(facts, index[2], index[3])):
        if nulls[number]:
            assert (low, high) == (b"", b""), f"page {number}: bounds of no values"
        else:
            fact.check(low, high, cut)
    missing = [page.entries - fact.count for page, fact in zip(pages, facts)]
    assert index[5] == missing, f"null_counts {index[5]}, should be {missing}"
    for field, most, name in ((6, leaf.max_rep, "reps"), (7, leaf.max_def, "defs")):
        true = [count for page in pages for count in histogram(getattr(page, name), most)] if most else None
        assert index.get(field) == true, f"{name} {index.get(field)}, should be {true}"
    nans = [fact.nan_count for fact in facts] if is_real(leaf) else None
    assert index.get(8) == nans, f"nan_counts {index.get(8)}, should be {nans}"
    check_boundary_order(index, order_of(leaf), nulls)


def check_boundary_order(index, key, nulls):
    bounds = [(key(low), key(high)) for low, high, null in zip(index[2], index[3], nulls) if not null]
    if index[4] == DESCENDING:
        bounds.reverse()
    rises = all(a[0] <= b[0] and a[1] <= b[1] for a, b in zip(bounds, bounds[1:]))
    assert index[4] == UNORDERED or rises, f"boundary order {index[4]} of {bounds}"


def check_offset_index(file, chunk):
    column, first = chunk.column, 0
    thrift = Thrift(file.data[column[4]:column[4] + column[5]])
    index = thrift.struct()
    assert thrift.at == column[5], "the length of the offset index"
    true = []
    for page in chunk.pages:
        true.append({1: page.offset, 2: page.bytes, 3: first})
        first += page.rows
    assert index[1] == true, f"offset index {index[1]}, should be {true}"
    unencoded = [sum(map(len, page.values)) for page in chunk.pages] if chunk.leaf.physical == BYTE_ARRAY else None
    assert index.get(2) == unencoded, f"bytes unencoded {index.get(2)}, should be {unencoded}"


def check_bloom(file, chunk):
    meta = chunk.metadata
    if 14 not in meta:
        return
    thrift = Thrift(file.data, meta[14])
    header = thrift.struct()
    assert header[2] == header[3] == header[4] == {1: {}}, f"Bloom header {header}"
    bits = thrift.take(header[1])
    assert meta[15] == thrift.at - meta[14], "bloom_filter_length"
    assert bits == bloom_bits(set(chunk.values), len(bits)), "Bloom filter: not the one of these values"


def check_encodings(chunk, compat):
    meta, leaf = chunk.metadata, chunk.leaf
    pages = ([chunk.dictionary] if chunk.dictionary else []) + chunk.pages
    counts = {}
    for page in pages:
        key = page.type, page.encoding
        counts[key] = counts.get(key, 0) + 1
    said = {(each[1], each[2]): each[3] for each in meta[13]}
    assert said == counts, f"encoding_stats {said}, should be {counts}"
    used = {encoding for _, encoding in counts}
    assert used <= set(meta[2]) <= used | {RLE}, f"encodings {meta[2]}, used are {used}"
    allowed = {PLAIN, RLE_DICTIONARY}
    if compat == "wide":
        allowed |= {INT32: {DELTA_BINARY}, INT64: {DELTA_BINARY}, BYTE_ARRAY: {DELTA_LENGTH, DELTA_BYTES}}.get(leaf.physical, set())
    if compat != "new":
        assert used <= allowed, f"encodings {used} in a file for {compat}"
        assert {kind for kind, _ in counts} <= {DATA, DICTIONARY}, "pages v2"


def check_chunk(file, chunk, statistics, index, crc, cut, compat):
    meta, pages = chunk.metadata, chunk.pages
    every = ([chunk.dictionary] if chunk.dictionary else []) + pages
    assert all((4 in page.header) == crc for page in every), "CRC"
    assert meta[5] == sum(page.entries for page in pages), "num_values"
    assert meta[6] == sum(page.unpacked_bytes for page in every), "total_uncompressed_size"
    assert sum(page.rows for page in pages) == chunk.group[3], "rows of a column"
    assert 1 not in chunk.column, "file_path"
    check_encodings(chunk, compat)
    facts = Facts(chunk.leaf, chunk.values)
    check_statistics(chunk, facts, cut, statistics)
    check_sizes(chunk)
    check_bloom(file, chunk)
    assert (4 in chunk.column) == index and (index or 6 not in chunk.column), "a page index that should or should not be"
    if index:
        check_offset_index(file, chunk)
        check_column_index(file, chunk, [Facts(chunk.leaf, page.values) for page in pages], cut, statistics)


def check(path, compat="wide", statistics=True, index=True, crc=True, cut=BOUND_BYTES):
    """Yields each chunk that was found right; the file's and the groups' own numbers are checked last."""
    file = slow_parquet.File(path)
    ends, rows = [(0, 4)], 0
    for number, group in enumerate(file.groups):
        packed = unpacked = 0
        for chunk in file.chunks(number):
            try:
                check_chunk(file, chunk, statistics, index, crc, cut, compat)
            except AssertionError as error:
                raise AssertionError(f"group {number}: {'.'.join(chunk.leaf.path)}: {error}") from error
            meta, column = chunk.metadata, chunk.column
            ends += [(chunk.begin, chunk.end)]
            for at, size in ((meta.get(14), meta.get(15)), (column.get(4), column.get(5)), (column.get(6), column.get(7))):
                ends += [(at, at + size)] if at is not None else []
            packed, unpacked = packed + meta[7], unpacked + meta[6]
            yield chunk
        assert (group[2], group.get(6, packed)) == (unpacked, packed), f"group {number}: sizes {group[2]}, {group.get(6)}"
        assert group.get(5) == group[1][0][3].get(11, group[1][0][3][9]), f"group {number}: file_offset"
        assert group.get(7, number) == number, f"group {number}: ordinal {group[7]}"
        rows += group[3]
    assert file.footer[3] == rows, f"{file.footer[3]} rows, groups have {rows}"
    assert len(file.footer[7]) == len(file.leaves) and all(order == {1: {}} for order in file.footer[7]), "column orders"
    ends.sort()
    assert ends[-1][1] <= file.body_end, "something reaches into the footer"
    assert all(a[1] <= b[0] for a, b in zip(ends, ends[1:])), "chunks, indexes and filters overlap"
