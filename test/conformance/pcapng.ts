/** Reads capture files (pcapng) and the TCP in them: written from the specifications, for what the suite writes. */

export interface Packet {
  /** Microseconds since 1970. */
  readonly time: bigint
  readonly from: string
  readonly to: string
  readonly flags: string
  readonly sequence: number
  readonly acknowledged: number
  /** What was kept of the payload, and how long it was. */
  readonly payload: Buffer
  readonly length: number
  readonly comment: string
}

/** The comment of the section, and the packets. Anything that is not as it should be throws. */
export function readPcapng(file: Buffer): { about: string; packets: Packet[] } {
  const packets: Packet[] = []
  const types: number[] = []
  let about = ''
  for (let at = 0; at < file.length; ) {
    const type = file.readUInt32LE(at)
    const length = file.readUInt32LE(at + 4)
    if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length) throw new Error(`a block of ${length}`)
    const body = file.subarray(at + 8, at + length - 4)
    types.push(type)
    if (type === 0x0a0d0d0a) {
      if (body.readUInt32LE() !== 0x1a2b3c4d || body.readUInt16LE(4) !== 1) throw new Error('not pcapng 1')
      about = commentIn(body.subarray(16))
    } else if (type === 1 && body.readUInt16LE() !== 101) throw new Error('not raw IP')
    else if (type === 6) packets.push(readPacket(body))
    at += length
  }
  if (types[0] !== 0x0a0d0d0a || types[1] !== 1) throw new Error('no section, or no interface')
  return { about, packets }
}

function readPacket(body: Buffer): Packet {
  const time = (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8))
  const captured = body.readUInt32LE(12)
  const original = body.readUInt32LE(16)
  const ip = body.subarray(20, 20 + captured)
  if (ip[0] !== 0x45 || ip[9] !== 6 || ip.readUInt16BE(2) !== original) throw new Error('not TCP over IPv4')
  const tcp = ip.subarray(20)
  const address = (at: number) => [...ip.subarray(at, at + 4)].join('.')
  const flags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK'].filter((_, bit) => (tcp[13]! & (1 << bit)) !== 0)
  return {
    time,
    from: `${address(12)}:${tcp.readUInt16BE(0)}`,
    to: `${address(16)}:${tcp.readUInt16BE(2)}`,
    flags: flags.join(' '),
    sequence: tcp.readUInt32BE(4),
    acknowledged: tcp.readUInt32BE(8),
    payload: tcp.subarray((tcp[12]! >> 4) * 4),
    length: original - 40,
    comment: commentIn(body.subarray(20 + Math.ceil(captured / 4) * 4)),
  }
}

function commentIn(options: Buffer): string {
  for (let at = 0; at < options.length; ) {
    const code = options.readUInt16LE(at)
    const length = options.readUInt16LE(at + 2)
    if (code === 1) return options.toString('utf8', at + 4, at + 4 + length)
    at += 4 + Math.ceil(length / 4) * 4
  }
  return ''
}

/** The octets that went from one end to the other, by the sequence numbers; throws where some are missing or twice. */
export function streamOf(packets: readonly Packet[], from: string, to: string): Buffer {
  const parts: Buffer[] = []
  let next = 1
  for (const packet of packets) {
    if (packet.from !== from || packet.to !== to || packet.length === 0) continue
    if (packet.sequence !== next) throw new Error(`${packet.sequence} where ${next} should be`)
    parts.push(Buffer.concat([packet.payload, Buffer.alloc(packet.length - packet.payload.length)]))
    next += packet.length
  }
  return Buffer.concat(parts)
}
