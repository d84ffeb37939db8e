// The decoder as its users see it: runs of payload where they lie, holding, stopping, refusing from the sink, and what it
// keeps between chunks: nothing but an incomplete header.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { ProtocolError } from '../../src/errors.js'
import { FrameDecoder, type FrameSink } from '../../src/framing/frame-decoder.js'
import type { FrameHeader, Role } from '../../src/framing/frame-header.js'
import { received, roles } from './received.js'
import { octetByOctet } from './trace.js'

/** Writes down what it is told, a line for each call; `heed` is asked with each line. */
class Recorder implements FrameSink {
  readonly lines: string[] = []
  readonly decoder: FrameDecoder
  readonly #heed: (line: string, decoder: FrameDecoder) => void

  constructor(role: Role, heed: (line: string, decoder: FrameDecoder) => void = () => {}) {
    this.decoder = new FrameDecoder(role, this)
    this.#heed = heed
  }

  onHeader(frame: FrameHeader): void {
    this.#note(`header ${frame.opcode}, ${frame.remaining} of ${frame.payloadLength} to come`)
  }

  onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    this.#note(`"${chunk.toString('latin1', start, end)}", ${frame.remaining} to come`)
  }

  #note(line: string): void {
    this.lines.push(line)
    this.#heed(line, this.decoder)
  }
}

const hello = (role: Role) => received(role, { opcode: 1, payload: 'Hello' })

for (const role of roles) {
  const head = role === 'server' ? 6 : 2

  t.test(`6.2 payload comes in runs as it arrives; the last has nothing to come, as ${role}`, async t => {
    const { decoder, lines } = new Recorder(role)
    const octets = Buffer.concat([hello(role), received(role, { opcode: 2 })])
    t.equal(decoder.decode(octets.subarray(0, head)), head)
    t.same(lines, ['header 1, 5 of 5 to come'], 'a header without payload yet: no empty run')
    decoder.decode(octets.subarray(head, head + 3))
    decoder.decode(Buffer.alloc(0))
    decoder.decode(octets.subarray(head + 3))
    t.same(lines.slice(1), ['"Hel", 2 to come', '"lo", 0 to come', 'header 2, 0 of 0 to come', '"", 0 to come'])
  })

  t.test(`unmasked where it lies: the run is the chunk's own memory, as ${role}`, async t => {
    const octets = hello(role)
    const runs: Buffer[] = []
    const sink: FrameSink = {
      onHeader() {},
      onPayload: (_, chunk, start, end) => runs.push(chunk.subarray(start, end)),
    }
    new FrameDecoder(role, sink).decode(octets)
    t.equal(runs[0]?.toString(), 'Hello')
    t.equal(runs[0]?.buffer, octets.buffer)
    t.equal(octets.toString('latin1', head), 'Hello')
  })

  t.test(`decodes from a place on, as ${role}`, async t => {
    const { decoder, lines } = new Recorder(role)
    const octets = Buffer.concat([Buffer.of(0xff, 0xff), hello(role)])
    t.equal(decoder.decode(octets, 2), octets.length)
    t.same(lines, ['header 1, 5 of 5 to come', '"Hello", 0 to come'])
    t.equal(decoder.decode(octets, octets.length), octets.length)
  })

  t.test(`held: stops behind the current frame, and goes on from there, as ${role}`, async t => {
    const octets = Buffer.concat([hello(role), hello(role), hello(role)])
    const hold = (line: string, decoder: FrameDecoder) => {
      if (line === '"Hello", 0 to come') decoder.held = true
    }
    const { decoder, lines } = new Recorder(role, hold)
    const size = octets.length / 3
    let at = 0
    for (const end of [size, 2 * size, 3 * size]) {
      at = decoder.decode(octets, at)
      t.equal(at, end)
      t.equal(decoder.decode(octets, at), at, 'nothing is taken while held')
      decoder.held = false
    }
    t.equal(lines.length, 6)
  })

  t.test(`held from the header: the run that is there is still delivered, the next is not, as ${role}`, async t => {
    const octets = hello(role)
    const { decoder, lines } = new Recorder(role, (line, decoder) => {
      if (line.startsWith('header')) decoder.held = true
    })
    t.equal(decoder.decode(octets.subarray(0, head + 2)), head + 2)
    t.equal(decoder.decode(octets, head + 2), head + 2)
    t.same(lines, ['header 1, 5 of 5 to come', '"He", 3 to come'])
    decoder.held = false
    t.equal(decoder.decode(octets, head + 2), octets.length)
    t.same(lines.slice(2), ['"llo", 0 to come'])
  })

  for (const [when, stopsAt, expected] of [
    ['from a header', 'header 1, 5 of 5 to come', ['header 1, 5 of 5 to come']],
    ['from a run', '"Hello", 0 to come', ['header 1, 5 of 5 to come', '"Hello", 0 to come']],
  ] as const) {
    t.test(`5.5.1 7.1.7 stopped ${when}: everything behind is taken and discarded, as ${role}`, async t => {
      const octets = Buffer.concat([hello(role), hello(role)])
      const { decoder, lines } = new Recorder(role, (line, decoder) => {
        if (line === stopsAt) decoder.stop()
      })
      t.equal(decoder.decode(octets), octets.length)
      t.same(lines, expected)
      t.equal(decoder.decode(hello(role)), octets.length / 2)
      decoder.held = true
      t.equal(decoder.decode(hello(role)), octets.length / 2, 'held or not')
      t.same(lines, expected)
    })
  }

  t.test(`stopped between chunks, within a header and within a payload, as ${role}`, async t => {
    for (const place of [1, head, head + 2]) {
      const { decoder, lines } = new Recorder(role)
      decoder.decode(hello(role).subarray(0, place))
      const before = lines.length
      decoder.stop()
      t.equal(decoder.decode(hello(role), place), hello(role).length)
      t.equal(lines.length, before)
    }
  })

  t.test(`10.4 the sink refuses a frame from its header: what it throws passes through, as ${role}`, async t => {
    const error = new ProtocolError('WS_TEST', 1009, '10.4', 'too big')
    const { decoder, lines } = new Recorder(role, () => {
      throw error
    })
    t.throws(() => decoder.decode(hello(role)), error)
    decoder.stop()
    t.equal(decoder.decode(hello(role)), hello(role).length)
    t.equal(lines.length, 1)
  })

  t.test(`one frame object for all frames, octet by octet too, as ${role}`, async t => {
    const seen = new Set<FrameHeader>()
    const sink: FrameSink = { onHeader: frame => seen.add(frame), onPayload: frame => seen.add(frame) }
    const decoder = new FrameDecoder(role, sink)
    for (const chunk of octetByOctet(Buffer.concat([hello(role), hello(role)]))) decoder.decode(chunk)
    t.same([...seen], [decoder])
  })

  t.test(
    `F-17 keeps no chunk: not behind a cut header, a cut payload, a whole frame, an error, as ${role}`,
    async t => {
      setFlagsFromString('--expose-gc')
      const collect = runInNewContext('gc') as () => void
      const payload = Buffer.alloc(100, 'x')
      const whole = received(role, { opcode: 2, payload })
      const refused = Buffer.concat([Buffer.of(0xf1), payload])
      const chunks: [what: string, octets: Buffer][] = [
        ['a cut header', whole.subarray(0, 1)],
        ['a header and no payload', whole.subarray(0, head)],
        ['a cut payload', whole.subarray(0, 50)],
        ['a whole frame', whole],
        ['a refused frame', refused],
      ]
      const sink: FrameSink = { onHeader() {}, onPayload() {} }
      for (const [what, octets] of chunks) {
        const decoder = new FrameDecoder(role, sink)
        const kept = feed(decoder, octets)
        // A weak reference holds what it refers to until the current job ends.
        await new Promise(resolve => setImmediate(resolve))
        collect()
        t.equal(kept.deref(), undefined, what)
        t.equal(decoder.held, false, 'the decoder itself is still there')
      }
    },
  )
}

/** Gives a decoder a chunk that nothing else refers to. */
function feed(decoder: FrameDecoder, octets: Buffer): WeakRef<ArrayBufferLike> {
  const chunk = Buffer.allocUnsafeSlow(octets.length)
  octets.copy(chunk)
  try {
    decoder.decode(chunk)
  } catch {
    // What it was is tested elsewhere.
  }
  return new WeakRef(chunk.buffer)
}
