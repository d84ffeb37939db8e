/** A proxy as naive as can be, that passes octets on and can be told to break a rule. */
import { connect, type Socket } from 'node:net'
import { buildRawFrame, type RawFrame } from '../../../src/conformance/raw-frame.js'
import { RawFrameReader } from '../../../src/conformance/raw-frame-reader.js'
import { NaiveListener } from './naive-listener.js'
import type { ProxyBreak } from './proxy-mutants.js'

export class NaiveProxy extends NaiveListener {
  /** @param upstream - the port that it connects to. */
  constructor(upstream: number, breaks?: ProxyBreak) {
    super(client => {
      const server = connect({ port: upstream, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      pass(client, this.keep(server), breaks)
    })
  }
}

function pass(client: Socket, server: Socket, breaks: ProxyBreak | undefined): void {
  const does = (what: ProxyBreak) => breaks === what
  if (does('says nothing')) return
  if (does('answers 502 to all')) {
    client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
    return
  }
  const back = new Way(server, client, 'response', breaks)
  const out = new Way(client, server, 'request', breaks, back)
  client.on('data', chunk => out.receive(chunk)).on('end', () => end('client'))
  server.on('data', chunk => back.receive(chunk)).on('end', () => end('server'))
  const end = (who: 'client' | 'server') => {
    if (does('keeps TCP open') || (who === 'client' && does('keeps TCP open behind it'))) return
    if (does('cuts both sides at the first end')) {
      client.resetAndDestroy()
      server.destroy()
    } else if (who === 'client') server.end()
    else client.end()
  }
  const reset = (other: Socket) => {
    if (!does('keeps TCP open') && !does('keeps TCP open when it is reset')) other.resetAndDestroy()
  }
  client.on('error', () => reset(server))
  server.on('error', () => reset(client))
  if (does('ends idle connections')) {
    // From when it is open: a handshake may take longer than that.
    server.once('data', () => {
      client.setTimeout(50, () => {
        client.end()
        server.end()
      })
    })
  }
}

/** One direction: heads, then frames; or, behind a refusal, octets. */
class Way {
  readonly #from: Socket
  readonly #to: Socket
  readonly #kind: 'request' | 'response'
  readonly #breaks: ProxyBreak | undefined
  /** Of a request: the way that its responses come. */
  readonly #answers: Way | undefined
  /** What has come of a head. */
  #octets: Buffer = Buffer.alloc(0)
  readonly #reader = new RawFrameReader()
  #headRead = false
  #refused = false
  #fragments: RawFrame[] = []

  constructor(from: Socket, to: Socket, kind: 'request' | 'response', breaks?: ProxyBreak, answers?: Way) {
    this.#from = from
    this.#to = to
    this.#kind = kind
    this.#breaks = breaks
    this.#answers = answers
  }

  #does(what: ProxyBreak): boolean {
    return this.#breaks === what
  }

  /** A response has come that refuses. */
  get refused(): boolean {
    return this.#refused
  }

  receive(chunk: Buffer): void {
    if (this.#answers?.refused === true && !this.#does('opens a tunnel when refused')) {
      if (this.#does('says nothing behind refusals')) return
      this.#from.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
      return
    }
    if (this.#refused) {
      if (!this.#does('drops the content of refusals')) this.#to.write(chunk)
      return
    }
    if (this.#headRead) this.#passFrames(chunk)
    else this.#readHead(chunk)
  }

  #readHead(chunk: Buffer): void {
    this.#octets = Buffer.concat([this.#octets, chunk])
    while (!this.#headRead) {
      const end = this.#octets.indexOf('\r\n\r\n') + 4
      if (end < 4) return
      const received = this.#octets.toString('latin1', 0, end)
      if (this.#kind === 'request' && !/^[A-Z]+ \S+ HTTP\/1\.\d\r\n/.test(received)) {
        this.#from.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
        return
      }
      const head = this.#head(received)
      this.#octets = this.#octets.subarray(end)
      const interim = head.startsWith('HTTP/1.1 1') && !head.startsWith('HTTP/1.1 101')
      this.#headRead = !interim || this.#does('takes an interim response for the last')
      this.#refused = this.#kind === 'response' && !head.startsWith('HTTP/1.1 1')
      if (this.#kind === 'response' && this.#does('drops what is behind the response')) this.#octets = Buffer.alloc(0)
      const swallowed = interim && this.#does('keeps interim responses to itself')
      const silent = this.#kind === 'response' && this.#does('swallows responses')
      if (!swallowed && !silent) this.#to.write(head, 'latin1')
    }
    this.receive(this.#octets)
  }

  #passFrames(chunk: Buffer): void {
    for (const { frame } of this.#reader.receive(chunk)) {
      for (const one of this.#frames(frame)) this.#to.write(buildRawFrame({ ...one }))
    }
  }

  #head(received: string): string {
    const request = this.#kind === 'request'
    const head = request ? oneLength(received, this.#breaks) : mended(received, this.#breaks)
    if (this.#does('refuses with 502 what must be mended') && head !== received) return 'HTTP/1.1 502 Bad\r\n\r\n'
    const [start = '', ...lines] = head.slice(0, -4).split('\r\n')
    if (!request && !/^HTTP\/1.1 1/.test(start)) {
      if (this.#does('answers refusals with 502')) return 'HTTP/1.1 502 Bad Gateway\r\n\r\n'
      if (this.#does('answers 101 to who is refused')) return head.replace(/ \d{3} /, ' 101 ')
      return this.#does('drops the fields of refusals') ? `${start}\r\nContent-Length: 0\r\n\r\n` : head
    }
    const without = (pattern: RegExp) => lines.filter(line => !pattern.test(line))
    const put = (kept: readonly string[], first = start) => `${[first, ...kept].join('\r\n')}\r\n\r\n`
    if (!request && this.#does('answers 200 to who is accepted')) return put(lines, 'HTTP/1.1 200 OK')
    if (request && this.#does('passes no Upgrade on')) return put(without(/^(upgrade|connection):/i))
    if (this.#does('passes Upgrade without Connection')) return put(without(/^connection:/i))
    if (request && this.#does('sends what is no request')) return 'SSH-2.0-x\r\n\r\n'
    if (!request && this.#does('puts an accept value of its own')) return put(without(/^sec-websocket-accept:/i))
    if (request && this.#does('puts a key of its own')) {
      return put([...without(/^sec-websocket-key:/i), 'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=='])
    }
    if (this.#does('turns the order of lines round')) return put(lines.reverse())
    if (request && this.#does('takes extensions out')) return put(without(/^sec-websocket-extensions:/i))
    if (!request && this.#does('chooses no extension')) return put(without(/^sec-websocket-extensions:/i))
    if (this.#does('drops fields that it does not know')) return put(without(/^x-/i))
    if (request && this.#does('unescapes its target')) return put(lines, start.replace('%2F', '/'))
    return head
  }

  #frames(one: RawFrame): readonly RawFrame[] {
    const { opcode, payload } = one
    const control = opcode >= 0x8
    if (this.#does('unmasks frames')) return [{ ...one, maskingKey: undefined }]
    if (this.#does('clears reserved bits')) return [{ ...one, rsv: 0 }]
    if (this.#does('holds small messages back') && opcode < 0x8 && payload.length < 3) return []
    if (this.#does('changes an octet of large messages') && payload.length > 60_000) payload[1000]! ^= 1
    if (control && this.#does('cuts control frames') && payload.length > 100) {
      return [{ ...one, payload: payload.subarray(0, 100), payloadLength: 100n }]
    }
    if (this.#does('drops last fragments') && opcode === 0 && one.fin) return []
    if (this.#does('joins fragments') && !control) return this.#joined(one)
    if (opcode === 0x9) return this.#ping(one)
    if (opcode === 0xa && this.#does('drops Pongs')) return []
    if (opcode === 0xa && this.#does('changes the payload of Pongs')) {
      return [{ ...one, payload: Buffer.from('changed'), payloadLength: 7n }]
    }
    return opcode === 0x8 ? this.#close(one) : [one]
  }

  #joined(one: RawFrame): readonly RawFrame[] {
    this.#fragments.push(one)
    if (!one.fin) return []
    const [first, ...rest] = this.#fragments.splice(0)
    const payload = Buffer.concat([first!, ...rest].map(({ payload }) => payload))
    const { payloadLength: _, lengthOctets: __, ...bare } = first!
    return [{ ...bare, fin: true, payload } as RawFrame]
  }

  #ping(one: RawFrame): readonly RawFrame[] {
    if (this.#does('sends Pings twice')) return [one, one]
    if (!this.#does('answers Pings itself')) return [one]
    const maskingKey = this.#kind === 'response' ? Buffer.from('abcd') : undefined
    this.#from.write(buildRawFrame({ opcode: 0xa, payload: one.payload, maskingKey }))
    return []
  }

  #close(one: RawFrame): readonly RawFrame[] {
    const { payloadLength: _, lengthOctets: __, ...bare } = one
    const bend = (payload: Buffer) => [{ ...bare, payload } as RawFrame]
    if (this.#does('drops Close frames')) return []
    if (this.#does('closes with 1000')) return bend(Buffer.of(3, 232, ...one.payload.subarray(2)))
    return this.#does('drops reasons') ? bend(one.payload.subarray(0, 2)) : [one]
  }
}

/** RFC 9112 §6.3: Transfer-Encoding overrides Content-Length. */
function oneLength(head: string, breaks: ProxyBreak | undefined): string {
  const both = /^transfer-encoding:/im.test(head) && breaks !== 'passes two lengths on'
  return both ? head.replace(/\r\ncontent-length:[^\r]*/gi, '') : head
}

/** RFC 9112 §5.1, §5.2: what a response may not have is not passed on. */
function mended(head: string, breaks: ProxyBreak | undefined): string {
  const unfolded = breaks === 'passes folded lines on' ? head : head.replace(/[ \t]*\r\n[ \t]+/g, ' ')
  return breaks === 'passes spaces before colons on' ? unfolded : unfolded.replace(/^([^ :\r\n]+)[ \t]+:/gm, '$1:')
}
