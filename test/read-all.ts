import type { Readable } from 'node:stream'

/** All octets that a stream holds now; from Node 26 on `read()` gives them buffer by buffer. */
export function readAll(stream: Readable): Buffer {
  const parts: Buffer[] = []
  for (let part = stream.read(); part !== null; part = stream.read()) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
