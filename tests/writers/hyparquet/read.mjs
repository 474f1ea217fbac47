// read.mjs - for each path on stdin one line of JSON on stdout: the file's columns as hyparquet reads them, or {error}
//
// Instants and days stay the numbers that the file has. {n: text} is an integer past 2^53, {f: text} a real that JSON
// has no number for, {b: hex} bytes, {o: [[name, value] ...]} a struct or a map.
import { createInterface } from 'node:readline'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const as = (value) => value
const parsers = {
  timestampFromMilliseconds: as, timestampFromMicroseconds: as, timestampFromNanoseconds: as, dateFromDays: as,
}

const plain = (value) => {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return { n: String(value) }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { f: Object.is(value, -0) ? '-0' : String(value) }
  }
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('hex') }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain)
  if (typeof value === 'object') return { o: Object.entries(value).map(([name, part]) => [name, plain(part)]) }
  return value
}

const read = async (path) => {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let rows = []
  await parquetRead({ file, metadata, compressors, parsers, utf8: false, onComplete: (found) => { rows = found } })
  return { rows: rows.map((row) => row.map(plain)) }
}

for await (const path of createInterface({ input: process.stdin })) {
  const said = await read(path).catch((error) => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
