/** Reads a Prometheus remote write by the words of its documents: Snappy's block format, protobuf, and the messages in it. */
import assert from 'node:assert/strict'

/** One series: its labels as they stood there, and its samples. */
export interface ReadSeries {
  readonly labels: [name: string, value: string][]
  readonly samples: { readonly value: bigint; readonly time: number }[]
}

/** `WriteRequest`: `repeated TimeSeries timeseries = 1`, each of `repeated Label labels = 1; repeated Sample samples = 2`. */
export function decodeWrite(body: Buffer): ReadSeries[] {
  return fieldsOf(unsnap(body)).map(({ field, octets }) => {
    assert.equal(field, 1)
    const series: ReadSeries = { labels: [], samples: [] }
    for (const { field, octets: inner } of fieldsOf(octets)) {
      const [first, second, ...more] = fieldsOf(inner)
      assert.deepEqual([first!.field, second!.field, more], [1, 2, []])
      if (field === 1) series.labels.push([String(first!.octets), String(second!.octets)])
      else series.samples.push({ value: first!.octets.readBigUInt64LE(), time: second!.number })
    }
    return series
  })
}

/** What a double is, for a value that is no special one. */
export function double(bits: bigint): number {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64LE(bits)
  return octets.readDoubleLE()
}

interface Field {
  readonly field: number
  /** Of a varint. */
  readonly number: number
  readonly octets: Buffer
}

/** Wire types 0 (varint), 1 (eight octets) and 2 (a length, and so many octets). */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < message.length; ) {
    const [tag, start] = varint(message, at)
    const [number, behind] = tag % 8 === 1 ? [8, start] : varint(message, start)
    assert.ok([0, 1, 2].includes(tag % 8))
    at = tag % 8 === 0 ? behind : behind + number
    assert.ok(at <= message.length)
    fields.push({ field: Math.floor(tag / 8), number, octets: message.subarray(behind, at) })
  }
  return fields
}

function varint(octets: Buffer, start: number): [value: number, end: number] {
  let value = 0
  for (let at = start, factor = 1; ; at++, factor *= 128) {
    const octet = octets[at]!
    value += (octet % 128) * factor
    if (octet < 128) return [value, at + 1]
  }
}

/** The block format: the length of all, then literals and copies of what came before. */
function unsnap(block: Buffer): Buffer {
  const [length, start] = varint(block, 0)
  const out: number[] = []
  for (let at = start; at < block.length; ) {
    const tag = block[at++]!
    const size = tag >> 2
    if (tag % 4 === 0) {
      const octets = Math.max(0, size - 59)
      const count = 1 + (octets === 0 ? size : block.readUIntLE(at, octets))
      at += octets
      out.push(...block.subarray(at, at + count))
      at += count
    } else {
      const octets = tag % 4 === 3 ? 4 : tag % 4
      const offset = tag % 4 === 1 ? (tag >> 5) * 256 + block[at]! : block.readUIntLE(at, octets)
      const count = tag % 4 === 1 ? 4 + (size % 8) : 1 + size
      at += octets
      assert.ok(offset > 0 && offset <= out.length)
      for (let left = count; left > 0; left--) out.push(out[out.length - offset]!)
    }
  }
  assert.equal(out.length, length)
  return Buffer.from(out)
}
