// write.mjs FOLDER - files of hyparquet-writer: its types and encodings, two codecs, dictionary and not, groups of some rows
//
// Each value is a formula of its row, which the test knows too.
import { parquetWriteFile } from 'hyparquet-writer'

const folder = process.argv[2]
const rows = Array.from({ length: 3000 }, (_, row) => row)
const text = (row) => (row % 7 ? `/shop/item/${row % 300}` : null)
const flat = () => [
  { name: 'i', data: rows.map((row) => row * 7 - 1000), type: 'INT32', nullable: false },
  { name: 'l', data: rows.map((row) => BigInt(row) * 1000003n), type: 'INT64' },
  { name: 'd', data: rows.map((row) => (row % 3 ? ((row * 37) % 10000) / 100 : null)), type: 'DOUBLE' },
  { name: 'f', data: rows.map((row) => ((row * 37) % 1000) / 8), type: 'FLOAT' },
  { name: 'flag', data: rows.map((row) => row % 5 < 2), type: 'BOOLEAN' },
  { name: 'text', data: rows.map(text), type: 'STRING' },
  { name: 'moment', data: rows.map((row) => new Date(1700000000000 + row * 1000)), type: 'TIMESTAMP' },
]
const encoded = (encodings) => flat().map((column) => ({ ...column, encoding: encodings[column.name] }))

const files = {
  default: { columnData: flat() },
  plain: {
    codec: 'UNCOMPRESSED', rowGroupSize: 700, pageSize: 2000,
    columnData: encoded({ i: 'PLAIN', l: 'PLAIN', d: 'PLAIN', f: 'PLAIN', flag: 'PLAIN', text: 'PLAIN' }),
  },
  delta: {
    rowGroupSize: 1000, pageSize: 1500,
    columnData: encoded({
      i: 'DELTA_BINARY_PACKED', l: 'DELTA_BINARY_PACKED', d: 'BYTE_STREAM_SPLIT', f: 'BYTE_STREAM_SPLIT', flag: 'RLE',
      text: 'DELTA_BYTE_ARRAY',
    }).map((column) => ({ ...column, columnIndex: true })),
  },
  lengths: { codec: 'UNCOMPRESSED', columnData: encoded({ text: 'DELTA_LENGTH_BYTE_ARRAY', i: 'BYTE_STREAM_SPLIT' }) },
}
for (const [name, options] of Object.entries(files)) {
  await parquetWriteFile({ filename: `${folder}/${name}.parquet`, ...options })
}
