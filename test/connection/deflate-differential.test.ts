/**
 * RFC 7692 §7.2 against node:zlib's asynchronous streams: 5,000,000 octets of random messages through a server and through
 * a client of ours, which echo them. What goes in was compressed by a stream of zlib, cut into fragments and chunks at
 * random; what comes out another one inflates. With every window, kept and not, in both directions; of 8 bits zlib inflates
 * with one, and compresses as if it had one of 9, looking back no further than 250 octets.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'
import t from 'tap'
import type { Parameter } from '../../src/http/grammar.js'
import { ConnectionTrace, roles } from './connection-trace.js'
import { agreed } from './deflating-peer.js'

const inAll = 5_000_000
const tail = Buffer.from([0, 0, 0xff, 0xff])

/** Numbers below `end`, the same in every run (a linear congruence; its upper bits). */
class Chance {
  #state = 1

  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * end)
  }

  /** Repetitions of something random: all of it, little of it, or none, may be found again. */
  message(): Buffer {
    const size = this.below(4) === 0 ? this.below(90_000) : this.below(3000)
    const unit = Buffer.from(
      Array.from({ length: 1 + this.below(this.below(2) === 0 ? 20 : 4000) }, () => this.below(256)),
    )
    const octets = Buffer.alloc(size, unit)
    for (let changes = this.below(30); changes > 0 && size > 0; changes--) octets[this.below(size)] = this.below(256)
    return octets
  }

  /** These octets in pieces, some of them empty. */
  cut(octets: Buffer, most: number): Buffer[] {
    const places = Array.from({ length: this.below(most) }, () => this.below(octets.length + 1)).sort((a, b) => a - b)
    return [...places, octets.length].map((end, index) => octets.subarray(places[index - 1] ?? 0, end))
  }
}

async function through(stream: DeflateRaw | InflateRaw, ...octets: readonly Buffer[]): Promise<Buffer> {
  const parts: Buffer[] = []
  const take = (part: Buffer) => void parts.push(part)
  stream.on('data', take)
  for (const one of octets) if (!stream.write(one)) await once(stream, 'drain')
  await new Promise<void>(resolve => stream.flush(constants.Z_SYNC_FLUSH, resolve))
  stream.off('data', take)
  return Buffer.concat(parts)
}

for (const role of roles) {
  for (const keeps of [true, false]) {
    t.test(
      `7692 §7.2.1 7692 §7.2.2 ${role}: as node:zlib's streams do, windows ${keeps ? 'kept' : 'empty'}`,
      async t => {
        const chance = new Chance()
        let octets = 0
        for (let turn = 0; octets < inAll / 4; turn++) octets += await session(chance, role, keeps, 8 + (turn % 8))
        t.ok(octets >= inAll / 4)
      },
    )
  }
}

/** Some messages over one connection, with these windows. @returns how many octets they had. */
async function session(chance: Chance, role: 'client' | 'server', keeps: boolean, bits: number): Promise<number> {
  const parameters: Parameter[] = ['server', 'client'].flatMap((end): Parameter[] => [
    [`${end}_max_window_bits`, String(bits)],
    ...(keeps ? [] : ([[`${end}_no_context_takeover`, undefined]] as const)),
  ])
  const trace = new ConnectionTrace(
    role,
    { extensions: agreed(role, {}, parameters) },
    { onBinary: octets => void trace.connection.sendBinary(octets) },
  )
  const { peer } = trace
  const theirs = createDeflateRaw({
    windowBits: Math.max(9, bits),
    level: 1 + chance.below(9),
    memLevel: 1 + chance.below(9),
  })
  const reader = createInflateRaw({ windowBits: bits })
  let octets = 0
  for (let left = 8; left > 0; left--) {
    const message = chance.message()
    const compressed = message.length > 0 && chance.below(5) > 0
    const payload = compressed ? (await through(theirs, message)).subarray(0, -4) : message
    const parts = chance.cut(payload, 4)
    const frames = parts.map((part, index) => {
      const fin = index === parts.length - 1
      return index === 0 ? peer.binary(part, { fin, rsv: compressed ? 4 : 0 }) : peer.more(part, fin)
    })
    for (const chunk of chance.cut(Buffer.concat(frames), 6)) receive(trace, chunk)
    trace.next()
    const sent = trace.sent.splice(0)
    const echoed = Buffer.concat(sent.map(frame => frame.payload))
    const inflated = sent[0]!.rsv === 4 ? await through(reader, echoed, tail) : echoed
    assert(inflated.equals(message), `${bits} bits, ${message.length} octets`)
    if (!keeps) for (const stream of [theirs, reader]) stream.reset()
    octets += message.length
  }
  for (const stream of [theirs, reader]) stream.close()
  trace.connection.terminate(0)
  trace.connection.transportEnded(0)
  return octets
}

/** All of it, though extensions have to work in between. */
function receive(trace: ConnectionTrace, octets: Buffer): void {
  for (let left = octets; left.length > 0; ) {
    left = left.subarray(trace.receive(left))
    trace.work()
  }
}
