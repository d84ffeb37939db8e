/**
 * The lines of a stream of octets, without their ends (LF or CR LF), as octets: whether they are UTF-8 is for others to
 * say. A last line without an end is a line, unless it is empty.
 */
export async function* inputLines(input: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer, void, void> {
  let parts: Buffer[] = []
  for await (const read of input) {
    const chunk = Buffer.isBuffer(read) ? read : Buffer.from(read)
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      parts.push(chunk.subarray(start, end))
      yield withoutReturn(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
      parts = []
      start = end + 1
    }
    if (start < chunk.length) parts.push(chunk.subarray(start))
  }
  if (parts.length > 0) yield withoutReturn(Buffer.concat(parts))
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
}
