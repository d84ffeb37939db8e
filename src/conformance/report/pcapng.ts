/**
 * The transcripts as a capture file (pcapng, draft-ietf-opsawg-pcapng), which Wireshark and its like open: a TCP connection
 * for each run, a segment for each entry, comments that say what is what. It is drawn from what the suite has noted, and was
 * not captured: addresses are those of documentation (RFC 5737), the server's port is 80, so that HTTP is looked for there;
 * what went through TLS stands as it was before; of long frames only the first octets are there, as with a snapshot length;
 * each run begins when the one before it has ended, also where many went on at the same time.
 */
import type { TranscriptEntry } from '../transcript.js'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'
import { reasonsOf } from './text.js'

/** Of pcapng: the kinds of blocks, and of options. */
const Block = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const
const Option = { end: 0, comment: 1, application: 4 } as const

/** LINKTYPE_RAW: packets begin with the header of IPv4. */
const rawIp = 101

/** Of TCP (RFC 9293 §3.1). */
const Flag = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const

const headerSize = 40
const maxPayload = 65_535 - headerSize

const addresses = { client: [192, 0, 2, 1], server: [192, 0, 2, 2] } as const
const serverPort = 80
const firstPort = 1024

/** The octets of the file. */
export function pcapngOf(report: ConformanceReport): Buffer {
  const about = `drawn from the transcripts of ${report.tool}: ${report.tested.role} ${report.tested.name}`
  const blocks = [
    block(Block.section, sectionHead, options([Option.application, report.tool], [Option.comment, about])),
    block(Block.interface, interfaceHead),
  ]
  let start = Date.parse(report.started)
  for (const [number, one] of report.cases.entries()) {
    blocks.push(...new Connection(one, report.tested.role === 'client', number, start).blocks())
    start += one.duration
  }
  return Buffer.concat(blocks)
}

/** The packets of one run. */
class Connection {
  readonly #case: ReportedCase
  readonly #port: number
  readonly #start: number
  readonly #client: TranscriptEntry['from']
  /** How many octets of the sequence each side has used; SYN and FIN count as one. */
  readonly #used = { us: 0, peer: 0 }

  constructor(one: ReportedCase, testsClient: boolean, number: number, start: number) {
    this.#case = one
    this.#port = firstPort + (number % (65_536 - firstPort))
    this.#start = start
    this.#client = testsClient ? 'peer' : 'us'
  }

  blocks(): Buffer[] {
    return this.#case.transcript.flatMap(entry => {
      if (entry.kind === 'control') return []
      return entry.kind === 'tcp' ? this.#events(entry) : this.#segments(entry)
    })
  }

  /** Packets of the beginning, or the one of an end. */
  #events({ at, from, text }: TranscriptEntry): Buffer[] {
    if (text.includes('open')) {
      const server = this.#client === 'us' ? 'peer' : 'us'
      const syn = this.#packet(at, this.#client, Flag.syn, 0, { comment: aboutCase(this.#case) })
      this.#used[this.#client] = 1
      const answer = this.#packet(at, server, Flag.syn | Flag.ack, 0)
      this.#used[server] = 1
      return [syn, answer, this.#packet(at, this.#client, Flag.ack, 1)]
    }
    const flag = text.includes('FIN') ? Flag.fin | Flag.ack : Flag.rst | Flag.ack
    const packet = this.#packet(at, from, flag, this.#used[from], { comment: text })
    this.#used[from] += text.includes('FIN') ? 1 : 0
    return [packet]
  }

  #segments({ at, from, text, offset, hex, length }: TranscriptEntry): Buffer[] {
    const octets = Buffer.from(hex, 'hex')
    const packets: Buffer[] = []
    for (let done = 0; done < length; done += maxPayload) {
      const comment = done === 0 ? { comment: text } : {}
      const payload = octets.subarray(done, done + maxPayload)
      const size = Math.min(length - done, maxPayload)
      packets.push(this.#packet(at, from, Flag.psh | Flag.ack, 1 + offset + done, { ...comment, payload, size }))
    }
    this.#used[from] = 1 + offset + length
    return packets
  }

  /** An Enhanced Packet Block: one packet of TCP over IPv4. Checksums are zero, as where the network card writes them. */
  #packet(
    at: number,
    from: TranscriptEntry['from'],
    flags: number,
    sequence: number,
    {
      comment,
      payload = Buffer.alloc(0),
      size = 0,
    }: { readonly comment?: string; readonly payload?: Buffer; readonly size?: number } = {},
  ): Buffer {
    const sides = from === this.#client ? (['client', 'server'] as const) : (['server', 'client'] as const)
    const ports = sides.map(side => (side === 'client' ? this.#port : serverPort))
    const packet = Buffer.alloc(headerSize)
    packet.set([0x45, 0], 0) // version 4, five words of header
    packet.writeUInt16BE(headerSize + size, 2)
    packet.set([64, 6], 8) // time to live, TCP
    packet.set(addresses[sides[0]], 12)
    packet.set(addresses[sides[1]], 16)
    packet.writeUInt16BE(ports[0]!, 20)
    packet.writeUInt16BE(ports[1]!, 22)
    packet.writeUInt32BE(sequence % 2 ** 32, 24)
    packet.writeUInt32BE((flags & Flag.ack) === 0 ? 0 : this.#used[from === 'us' ? 'peer' : 'us'] % 2 ** 32, 28)
    packet.set([0x50, flags], 32) // five words of header
    packet.writeUInt16BE(65_535, 34) // the window
    const head = Buffer.alloc(20)
    const microseconds = BigInt(Math.round((this.#start + at) * 1000))
    head.writeUInt32LE(Number(microseconds >> 32n), 4)
    head.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8)
    head.writeUInt32LE(headerSize + payload.length, 12)
    head.writeUInt32LE(headerSize + size, 16)
    const told = comment === undefined ? [] : [options([Option.comment, comment])]
    return block(Block.packet, head, padded(Buffer.concat([packet, payload])), ...told)
  }
}

/** What stands at the first packet of a run. */
function aboutCase(one: ReportedCase): string {
  const law = `${one.section}, ${one.level}: "${one.requirement}"`
  return [`${one.verdict} ${one.id}`, one.title, law, ...reasonsOf(one), `again: ${one.reproduce}`].join('\n')
}

/** The byte-order magic, version 1.0, and a length that is not told. */
const sectionHead = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex')

/** The link type; no snapshot length; times in microseconds, as nothing else is said. */
const interfaceHead = Buffer.from([rawIp, 0, 0, 0, 0, 0, 0, 0])

function block(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length + 12)
  const head = Buffer.alloc(4)
  head.writeUInt32LE(type)
  return Buffer.concat([head, length, body, length])
}

function options(...all: readonly (readonly [code: number, text: string])[]): Buffer {
  return Buffer.concat([...all, [Option.end, ''] as const].map(([code, text]) => option(code, text)))
}

function option(code: number, text: string): Buffer {
  const value = Buffer.from(text).subarray(0, 65_535)
  const head = Buffer.alloc(4)
  head.writeUInt16LE(code)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, padded(value)])
}

/** With zeros up to the next multiple of four octets. */
function padded(octets: Buffer): Buffer {
  return Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)])
}
