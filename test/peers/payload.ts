/** The contents of the messages that are exchanged: the same for every peer, made once, and told apart by any octet. */
import { createCipheriv, createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type MessageType = 'text' | 'binary'

export interface Payload {
  readonly type: MessageType
  /** In octets, also for text. */
  readonly size: number
  readonly octets: Buffer
  /** In hexadecimal digits. */
  readonly sha256: string
}

const made = new Map<string, Payload>()
let folder: string | undefined

/** A text of code points of one to four octets, or octets at random (but always the same); `size` octets in either case. */
export function payload(type: MessageType, size: number): Payload {
  const name = `${type}-${size}`
  const known = made.get(name)
  if (known !== undefined) return known
  const octets = type === 'text' ? text(size) : keystream(size)
  const payload = { type, size, octets, sha256: createHash('sha256').update(octets).digest('hex') }
  made.set(name, payload)
  return payload
}

/** By its name, `TYPE-SIZE`; undefined when there is none yet. */
export function payloadNamed(name: string): Payload | undefined {
  return made.get(name)
}

/** The path of a file with it, which goes when this process does. */
export function payloadFile(of: Payload): string {
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'framewright-payloads-'))
    folder = created
    process.on('exit', () => rmSync(created, { recursive: true, force: true }))
  }
  const path = join(folder, `${of.type}-${of.size}`)
  if (!existsSync(path)) writeFileSync(path, of.octets)
  return path
}

function text(size: number): Buffer {
  const octets = Buffer.alloc(size, '.')
  let at = 0
  for (let line = 1; at < size; line++) {
    // What does not fit as a whole is left out, never cut within a code point.
    const { written } = new TextEncoder().encodeInto(`${line} zażółć 水 𝄞\n`, octets.subarray(at))
    if (written === 0) break
    at += written
  }
  return octets
}

function keystream(size: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(size))
}
