"""footer_edit - the footer of a Parquet file as a tree that a test may change, and back

Thrift's compact protocol without a schema: a struct is {field id: [type, value]}, a list [element type, [values]].
Maps do not occur in footers.
"""
import struct

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 12
MAGIC = b"PAR1"


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind, in_list=False):
        if kind in (TRUE, FALSE):
            return self.take(1)[0] == TRUE if in_list else kind == TRUE
        if kind == BYTE:
            return self.take(1)[0]
        if kind in (I16, I32, I64):
            return self.zigzag()
        if kind == DOUBLE:
            return self.take(8)
        if kind == BINARY:
            return self.take(self.varint())
        if kind == LIST:
            head = self.take(1)[0]
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return [head & 15, [self.value(head & 15, True) for _ in range(count)]]
        assert kind == STRUCT, kind
        return self.fields()

    def fields(self):
        made, last = {}, 0
        while (head := self.take(1)[0]) != 0:
            last = last + (head >> 4) if head >> 4 else self.zigzag()
            made[last] = [head & 15, self.value(head & 15)]
        return made


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def text_of(kind, value, in_list=False):
    if kind in (TRUE, FALSE):
        return bytes([TRUE if value else FALSE]) if in_list else b""
    if kind == BYTE:
        return bytes([value])
    if kind in (I16, I32, I64):
        return varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == DOUBLE:
        return value
    if kind == BINARY:
        return varint(len(value)) + value
    if kind == LIST:
        element, values = value
        head = bytes([len(values) << 4 | element]) if len(values) < 15 else bytes([240 | element]) + varint(len(values))
        return head + b"".join(text_of(element, one, True) for one in values)
    out, last = bytearray(), 0
    for field, (field_kind, field_value) in sorted(value.items()):
        if field_kind in (TRUE, FALSE):
            field_kind = TRUE if field_value else FALSE
        step = field - last
        out += bytes([step << 4 | field_kind]) if 0 < step < 16 else bytes([field_kind]) + text_of(I16, field)
        out += text_of(field_kind, field_value)
        last = field
    return bytes(out) + b"\0"


def edit_footer(path, change):
    """Calls `change` with the footer's tree and writes the file back with what it became."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[-4:] == MAGIC
    size = struct.unpack("<I", data[-8:-4])[0]
    footer = Reader(data[-8 - size:-8]).fields()
    assert text_of(STRUCT, footer) == data[-8 - size:-8], "the tree is not the footer"
    change(footer)
    text = text_of(STRUCT, footer)
    with open(path, "wb") as file:
        file.write(data[:-8 - size] + text + struct.pack("<I", len(text)) + MAGIC)


def chunks_of(footer):
    """The metadata of every column chunk: {field id: [type, value]}."""
    return [chunk[3][1] for group in footer[4][1][1] for chunk in group[1][1][1]]


class Statistics:
    """Ids of the fields of Statistics."""
    FIELD = 12  # of ColumnMetaData
    OLD_MAX, OLD_MIN, NULL_COUNT, DISTINCT_COUNT, MAX, MIN, MAX_EXACT, MIN_EXACT, NAN_COUNT = range(1, 10)


class Footer:
    """Ids of the fields of FileMetaData."""
    CREATED_BY, COLUMN_ORDERS = 6, 7


def orders(count, order):
    """column_orders: 1 TYPE_ORDER, 2 IEEE_754_TOTAL_ORDER, 3 INT96_TIMESTAMP_ORDER, others nobody knows."""
    return [LIST, [STRUCT, [{order: [STRUCT, {}]} for _ in range(count)]]]
