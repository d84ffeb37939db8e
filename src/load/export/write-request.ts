/**
 * The body of a Prometheus remote write, version 1.0: a protobuf `WriteRequest` in Snappy's block format. Bundled with pbf and
 * snappyjs when the package is built, for it has no dependencies.
 */
import { PbfWriter } from 'pbf'
import { compress } from 'snappyjs'

/** One series: its labels in the order of their names, and one value. */
export interface WrittenSeries {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
}

/** How protobuf encodes eight octets. */
const fixed64 = 1

/** The NaN that says that a series has ended, 0x7ff0000000000002: in two halves, for engines may keep only one NaN. */
const staleLow = 2
const staleHigh = 0x7ff00000

/**
 * Encodes it.
 *
 * @param time - of all values, in milliseconds since 1970.
 * @param last - all series end there: behind each value is what says so.
 */
export function writeRequest(series: readonly WrittenSeries[], time: number, last: boolean): Uint8Array<ArrayBuffer> {
  const request = new PbfWriter()
  for (const one of series) {
    request.writeMessage(
      1,
      ({ labels, value }: WrittenSeries, message: PbfWriter) => {
        for (const label of labels) message.writeMessage(1, writeLabel, label)
        message.writeMessage(2, writeSample, { value, time })
        if (last) message.writeMessage(2, writeStale, time + 1)
      },
      one,
    )
  }
  return compress(new Uint8Array(request.finish()))
}

/** As octets of UTF-8, made by Node: pbf 5.1.2 itself writes U+20000 as U+10000. */
function writeLabel(label: readonly [string, string], message: PbfWriter): void {
  for (const [at, text] of label.entries()) message.writeBytesField(at + 1, Buffer.from(text))
}

function writeSample({ value, time }: { readonly value: number; readonly time: number }, message: PbfWriter): void {
  message.writeDoubleField(1, value)
  message.writeVarintField(2, time)
}

function writeStale(time: number, message: PbfWriter): void {
  message.writeTag(1, fixed64)
  message.writeFixed32(staleLow)
  message.writeFixed32(staleHigh)
  message.writeVarintField(2, time)
}
