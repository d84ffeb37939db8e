/**
 * What it costs to turn messages into octets that can be written: src/framing/frame-encoder.ts. Sixteen messages gather,
 * then they are taken, as when a server answers what came with one read. ws is given a socket that encodes text, for ws leaves
 * that to its socket, and swallows everything else: what writes cost is the question of bench:peers.
 */
import { FrameEncoder } from '../src/framing/frame-encoder.js'
import { Opcode, type Role } from '../src/framing/frame-header.js'
import { createMaskingKeySource } from '../src/framing/masking.js'
import { OutputSlabPool } from '../src/framing/output-slab.js'
import type { Contestant, Point, Question, Ws } from './question.js'

export const encodeQuestion: Question = {
  name: 'encode',
  about: 'messages into octets (one operation: a message), 16 gather before they are taken',
  points: ws => [
    ...[20, 125, 1024, 16_384, 65_536].flatMap(size => [
      messagePoint('server', false, size, ws),
      messagePoint('client', false, size, ws),
    ]),
    ...[8, 20, 125, 1024, 16_384].map(size => messagePoint('server', true, size, ws)),
    ...[8, 16, 20, 21, 24, 32, 64].map(shortTextPoint),
  ],
}

const gathered = 16

function messagePoint(role: Role, text: boolean, size: number, ws: Ws | undefined): Point {
  const encoder = new FrameEncoder(role, createMaskingKeySource(), new OutputSlabPool())
  const octets = Buffer.alloc(size, 'abcdefghij')
  const data = text ? octets.toString() : octets
  const contestants: Contestant[] = [
    {
      name: 'framewright',
      run() {
        for (let i = 0; i < gathered; i++) {
          if (typeof data === 'string') encoder.writeText(true, 0, Opcode.text, data)
          else encoder.writeFrame(true, 0, Opcode.binary, data)
        }
        encoder.take()
        encoder.release()
      },
    },
  ]
  if (ws !== undefined) contestants.push(senderOf(ws, role, data))
  return { name: `${role}, ${size} octets of ${text ? 'text' : 'binary'}`, operations: gathered, contestants }
}

const encoded = Buffer.alloc(65_536)
const swallow = {
  cork() {},
  uncork() {},
  write(data: string | Buffer): boolean {
    if (typeof data === 'string') encoded.write(data)
    return true
  },
}

function senderOf(ws: Ws, role: Role, data: string | Buffer): Contestant {
  const sender = new ws.Sender(swallow)
  const options = { binary: typeof data !== 'string', mask: role === 'client', compress: false, fin: true }
  return {
    name: 'ws',
    run() {
      for (let i = 0; i < gathered; i++) sender.send(data, options)
    },
  }
}

/** Where a loop over char codes ceases to beat a call into the runtime. */
function shortTextPoint(length: number): Point {
  const octets = Buffer.alloc(65_536)
  const text = 'abcdefghij'.repeat(8).slice(0, length)
  const each = (work: (at: number) => void) => () => {
    for (let i = 0; i < 256; i++) work(i * 200)
  }
  return {
    name: `${length} code units into a slab`,
    operations: 256,
    contestants: [
      { name: 'a loop', run: each(at => void writeCodes(octets, at, text)) },
      { name: 'Buffer.write', run: each(at => void octets.write(text, at, 'utf8')) },
    ],
  }
}

function writeCodes(octets: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return octets.write(text, at, 'utf8')
    octets[at + i] = code
  }
  return text.length
}
