"""slow_parquet - a Parquet reader that shares nothing with ours: Thrift, pages, levels and values, byte by byte

    for chunk in slow_parquet.File(path).chunks():
        for page in chunk.pages: page.reps, page.defs, page.values

Written from the specification alone and for nothing but tests: no speed, no tolerance. A byte too many or too few, a padding
bit, a field that should not be there is an assertion. Only the block codecs are another's (cramjam). A value is the bytes
that PLAIN has for it (a byte array without its length), so that no arithmetic hides a lost bit.
"""
import struct
import zlib

import cramjam

BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED = range(8)
WIDTHS = {INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8}
PLAIN, PLAIN_DICTIONARY, RLE, DELTA_BINARY, DELTA_LENGTH, DELTA_BYTES, RLE_DICTIONARY, SPLIT = 0, 2, 3, 5, 6, 7, 8, 9
DATA, DICTIONARY, DATA_V2 = 0, 2, 3
STOP, TRUE, FALSE, I8, I16, I32, I64, REAL, BINARY, LIST, SET, MAP, STRUCT, UUID = range(14)


class Thrift:
    """The compact protocol: a struct becomes {field id: value}."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                assert value < 1 << 64, "a varint of over 64 bits"
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def take(self, size):
        assert self.at + size <= len(self.data), "Thrift runs past its end"
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def struct(self):
        made, last = {}, 0
        while True:
            head = self.byte()
            kind = head & 15
            if kind == STOP:
                assert head == 0
                return made
            last = last + (head >> 4) if head >> 4 else self.zigzag()
            assert last not in made, f"field {last} twice"
            made[last] = kind == TRUE if kind in (TRUE, FALSE) else self.value(kind)

    def value(self, kind):
        """Of a field or an element."""
        if kind in (TRUE, FALSE):
            byte = self.byte()
            assert byte in (TRUE, FALSE), f"boolean {byte}"
            return byte == TRUE
        if kind == I8:
            return struct.unpack("b", self.take(1))[0]
        if kind in (I16, I32, I64):
            return self.zigzag()
        if kind == REAL:
            return struct.unpack("<d", self.take(8))[0]
        if kind == BINARY:
            return self.take(self.varint())
        if kind in (LIST, SET):
            head = self.byte()
            count = self.varint() if head >> 4 == 15 else head >> 4
            return [self.value(head & 15) for _ in range(count)]
        assert kind == STRUCT, f"Thrift type {kind}"
        return self.struct()


class Leaf:
    """A column: its element of the schema, its path and its levels."""

    def __init__(self, element, path, max_def, max_rep):
        self.path, self.max_def, self.max_rep = path, max_def, max_rep
        self.physical, self.length = element[1], element.get(2, 0)
        self.optional = element.get(3) == 1
        self.converted, self.logical = element.get(6), element.get(10, {})
        self.element = element

    @property
    def width(self):
        """Of a value, in bytes; None where they differ."""
        return self.length if self.physical == FIXED else WIDTHS.get(self.physical)


def leaves_of(elements):
    """In the order of the file."""
    at, found = 1, []

    def walk(path, max_def, max_rep):
        nonlocal at
        element = elements[at]
        at += 1
        path = path + [element[4].decode()]
        max_def += element[3] != 0
        max_rep += element[3] == 2
        if 5 not in element:
            found.append(Leaf(element, path, max_def, max_rep))
        for _ in range(element.get(5, 0)):
            walk(path, max_def, max_rep)

    for _ in range(elements[0][5]):
        walk([], 0, 0)
    assert at == len(elements), "elements that no group holds"
    return found


def unpack(data, codec, size):
    """A page as it was before the codec took it."""
    if codec == 0 or size == 0 and not data:
        made = bytes(data)
    elif codec == 1:
        made = bytes(cramjam.snappy.decompress_raw(data))
    elif codec == 2:
        made = zlib.decompress(data, 31)
    elif codec == 4:
        made = bytes(cramjam.brotli.decompress(data))
    elif codec == 6:
        made = bytes(cramjam.zstd.decompress(data))
    else:
        assert codec == 7, f"codec {codec}"
        made = bytes(cramjam.lz4.decompress_block(data, output_len=size)) if size else b""
    assert len(made) == size, f"a page of {len(made)} bytes, its header says {size}"
    return made


def packed(data, width, count):
    """`count` numbers of `width` bits, least bit first."""
    bits = int.from_bytes(data, "little")
    mask = (1 << width) - 1
    return [bits >> index * width & mask for index in range(count)]


def hybrid(data, width, count):
    """The RLE and bit-packing hybrid: all of `data` is `count` values."""
    thrift, values = Thrift(data), []
    while len(values) < count:
        head = thrift.varint()
        assert head > 1, "a run of nothing"
        if head & 1:
            groups = head >> 1
            some = packed(thrift.take(groups * width), width, groups * 8)
            left = count - len(values)
            assert groups <= (left + 7) // 8, "groups behind the last value"
            values += some[:left]
        else:
            value = int.from_bytes(thrift.take((width + 7) // 8), "little")
            assert value < 1 << width, "a run of more bits than there are"
            values += [value] * (head >> 1)
    assert len(values) == count, "a run past the last value"
    assert thrift.at == len(data), f"{len(data) - thrift.at} bytes behind the last run"
    return values


def delta_binary(data, bits):
    """Signed numbers, and how many bytes they took."""
    thrift = Thrift(data)
    block, minis, count, value = thrift.varint(), thrift.varint(), thrift.varint(), thrift.zigzag()
    assert block and block % 128 == 0 and minis and block % minis == 0 and block // minis % 32 == 0, (block, minis)
    per_mini, values = block // minis, []
    if count:
        values.append(value)
    while len(values) < count:
        least = thrift.zigzag()
        widths = thrift.take(minis)
        for width in widths:
            if len(values) == count:
                break
            assert width <= bits, f"a delta of {width} bits"
            for delta in packed(thrift.take(width * per_mini // 8), width, per_mini)[:count - len(values)]:
                value = (value + least + delta) % (1 << bits)
                value -= (value >> bits - 1) << bits
                values.append(value)
    return values, thrift.at


def delta_length(data):
    lengths, at = delta_binary(data, 32)
    values = []
    for length in lengths:
        assert 0 <= length <= len(data) - at, f"a value of {length} bytes"
        values.append(data[at:at + length])
        at += length
    return values, at


def delta_bytes(data):
    prefixes, at = delta_binary(data, 32)
    suffixes, used = delta_length(data[at:])
    values = []
    for prefix, suffix in zip(prefixes, suffixes, strict=True):
        before = values[-1] if values else b""
        assert 0 <= prefix <= len(before), f"a prefix of {prefix} of {len(before)} bytes"
        values.append(before[:prefix] + suffix)
    return values, at + used


def plain(data, leaf, count):
    """Values, and how many bytes they took."""
    if leaf.physical == BOOLEAN:
        return [bytes([bit]) for bit in packed(data, 1, count)], (count + 7) // 8
    if leaf.physical != BYTE_ARRAY:
        return [data[index * leaf.width:(index + 1) * leaf.width] for index in range(count)], count * leaf.width
    values, at = [], 0
    for _ in range(count):
        size = int.from_bytes(data[at:at + 4], "little")
        assert size <= len(data) - at - 4, f"a value of {size} bytes"
        values.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return values, at


def decode(data, leaf, encoding, count, dictionary):
    """All of `data` is `count` values of that encoding."""
    if encoding in (RLE_DICTIONARY, PLAIN_DICTIONARY):
        if count == 0:
            return []
        return [dictionary[code] for code in hybrid(data[1:], data[0], count)]
    used = len(data)
    if encoding == PLAIN:
        values, used = plain(data, leaf, count)
    elif encoding == RLE:
        assert leaf.physical == BOOLEAN and int.from_bytes(data[:4], "little") == len(data) - 4
        values = [bytes([bit]) for bit in hybrid(data[4:], 1, count)]
    elif encoding == DELTA_BINARY:
        bits = leaf.width * 8
        numbers, used = delta_binary(data, bits)
        values = [(number % (1 << bits)).to_bytes(leaf.width, "little") for number in numbers]
    elif encoding == DELTA_LENGTH:
        values, used = delta_length(data)
    elif encoding == DELTA_BYTES:
        values, used = delta_bytes(data)
    else:
        assert encoding == SPLIT, f"encoding {encoding}"
        values, used = [data[index::count] for index in range(count)] if count else [], count * leaf.width
    assert used == len(data), f"{len(data)} bytes of values, {used} used"
    assert len(values) == count, f"{len(values)} values, should be {count}"
    assert leaf.width is None or all(len(value) == leaf.width for value in values)
    return values


class Page:
    """A page and all it says: `header` is Thrift's, `reps` and `defs` its levels, `values` those that are there."""

    def __init__(self, data, offset, leaf, codec, dictionary):
        thrift = Thrift(data, offset)
        self.header = thrift.struct()
        self.leaf, self.offset, self.type = leaf, offset, self.header[1]
        self.header_bytes = thrift.at - offset
        body = thrift.take(self.header[3])
        self.bytes = self.header_bytes + len(body)
        self.unpacked_bytes = self.header_bytes + self.header[2]
        if 4 in self.header:
            assert self.header[4] % 2**32 == zlib.crc32(body), "the page's CRC"
        if self.type == DICTIONARY:
            head = self.header[7]
            self.encoding = head[2]
            self.values = decode(unpack(body, codec, self.header[2]), leaf, PLAIN, head[1], None)
            return
        if self.type == DATA:
            reps, defs, values = self.split_v1(unpack(body, codec, self.header[2]))
        else:
            assert self.type == DATA_V2, f"a page of type {self.type}"
            reps, defs, values = self.split_v2(body, codec)
        self.reps = self.levels(reps, leaf.max_rep)
        self.defs = self.levels(defs, leaf.max_def)
        self.rows = self.reps.count(0)
        assert not self.reps or self.reps[0] == 0, "a page that begins within a row"
        there = self.defs.count(leaf.max_def)
        if self.type == DATA_V2:
            nulls, rows = self.header[8][2], self.header[8][3]
            assert (nulls, rows) == (self.entries - there, self.rows), f"{nulls} nulls, {rows} rows in the header"
        self.values = decode(values, leaf, self.encoding, there, dictionary)

    def split_v1(self, body):
        head = self.header[5]
        self.entries, self.encoding = head[1], head[2]
        assert head[3] == RLE and head[4] == RLE, "encodings of levels"
        at, parts = 0, []
        for most in (self.leaf.max_rep, self.leaf.max_def):
            size = int.from_bytes(body[at:at + 4], "little") if most else 0
            at += 4 if most else 0
            assert size <= len(body) - at, "levels past the page's end"
            parts.append(body[at:at + size])
            at += size
        return *parts, body[at:]

    def split_v2(self, body, codec):
        head = self.header[8]
        self.entries, self.encoding = head[1], head[4]
        def_bytes, rep_bytes = head[5], head[6]
        bare = rep_bytes + def_bytes
        values = unpack(body[bare:], codec if head.get(7, True) else 0, self.header[2] - bare)
        return body[:rep_bytes], body[rep_bytes:bare], values

    def levels(self, data, most):
        if most == 0:
            assert not data, "levels where there are none"
            return [0] * self.entries
        values = hybrid(data, most.bit_length(), self.entries)
        assert max(values, default=0) <= most, f"level {max(values, default=0)}"
        return values


class Chunk:
    """A column of a row group; `dictionary` is a page or None, `pages` are those of data."""

    def __init__(self, file, group, leaf, column):
        self.leaf, self.group, self.column, self.metadata = leaf, group, column, column[3]
        meta = self.metadata
        assert meta[3] == [part.encode() for part in leaf.path] and meta[1] == leaf.physical
        self.begin = meta.get(11, meta[9])
        self.end = self.begin + meta[7]
        self.dictionary, self.pages, at = None, [], self.begin
        while at < self.end:
            entries = self.dictionary.values if self.dictionary else None
            page = Page(file.data, at, leaf, meta[4], entries)
            at += page.bytes
            if page.type == DICTIONARY:
                assert 11 in meta and not self.dictionary and not self.pages, "a dictionary where none should be"
                self.dictionary = page
            else:
                self.pages.append(page)
        assert at == self.end, "pages past their chunk's end"
        assert meta[9] == (self.pages[0].offset if self.pages else self.end), "data_page_offset"
        assert 11 not in meta or self.dictionary, "dictionary_page_offset"

    @property
    def values(self):
        return [value for page in self.pages for value in page.values]


class File:
    """A whole file in memory; `footer` is Thrift's."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        assert self.data[:4] == b"PAR1" and self.data[-4:] == b"PAR1", "not the marks of a Parquet file"
        size = int.from_bytes(self.data[-8:-4], "little")
        self.body_end = len(self.data) - 8 - size
        assert self.body_end >= 4, f"a footer of {size} bytes"
        thrift = Thrift(self.data[:-8], self.body_end)
        self.footer = thrift.struct()
        assert thrift.at == len(self.data) - 8, "bytes behind the footer"
        self.leaves = leaves_of(self.footer[2])
        self.groups = self.footer[4]

    def chunks(self, number):
        """Those of a row group, in the order of the schema."""
        group = self.groups[number]
        assert len(group[1]) == len(self.leaves), f"{len(group[1])} columns of {len(self.leaves)}"
        for leaf, column in zip(self.leaves, group[1]):
            yield Chunk(self, group, leaf, column)
