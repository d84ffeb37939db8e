/** The input of most targets: octets as they come, chunk by chunk. One line for each chunk, in hexadecimal. */
export type Chunks = readonly Buffer[]

/** An empty chunk is a line of its own: `-`. */
export function formatChunks(chunks: Chunks): string[] {
  return chunks.map(chunk => (chunk.length === 0 ? '-' : chunk.toString('hex')))
}

export function parseChunks(lines: readonly string[]): Chunks {
  return lines.map(line => {
    const hex = line.replaceAll(/\s/g, '')
    if (hex === '-') return Buffer.alloc(0)
    if (!/^([0-9a-f]{2})+$/i.test(hex)) throw new Error(`not octets in hexadecimal: ${line.slice(0, 40)}`)
    return Buffer.from(hex, 'hex')
  })
}

/** Cuts at these places, taken round and round the length; places that coincide make empty chunks. */
export function cutAt(octets: Buffer, places: readonly number[]): Chunks {
  const sorted = places.map(place => place % (octets.length + 1)).sort((a, b) => a - b)
  const chunks: Buffer[] = []
  let start = 0
  for (const place of [...sorted, octets.length]) {
    chunks.push(octets.subarray(start, place))
    start = place
  }
  return chunks
}

/** Every octet a chunk of its own. */
export function cutEverywhere(octets: Buffer): Chunks {
  return Array.from(octets, (_, at) => octets.subarray(at, at + 1))
}

/** Copies, for whoever changes what it is given. */
export function copyOf(chunks: Chunks): Buffer[] {
  return chunks.map(chunk => Buffer.from(chunk))
}
