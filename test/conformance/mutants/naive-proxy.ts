/** A proxy as naive as can be, that passes octets on and can be told to break a rule. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { buildRawFrame, type RawFrame, readRawFrame } from '../../../src/conformance/raw-frame.js'

/** What a proxy does wrong, and the cases that must see it. */
export const proxyMutants = {
  'passes no Upgrade on': ['9110/7.8/proxy-passes-upgrade'],
  'passes Upgrade without Connection': ['9110/7.8/proxy-passes-upgrade'],
  'puts an accept value of its own': ['6455/4.1/proxy-passes-key'],
  'drops last fragments': ['6455/5.4/proxy-keeps-fragments-with-extension'],
  'sends what is no request': ['9110/7.8/proxy-passes-upgrade'],
  'puts a key of its own': ['6455/4.1/proxy-passes-key'],
  'turns the order of lines round': ['9110/5.3/proxy-keeps-the-order-of-subprotocols'],
  'takes extensions out': ['6455/9.1/proxy-passes-extensions'],
  'chooses no extension': ['6455/9.1/proxy-passes-extensions'],
  'drops fields that it does not know': ['9110/7.6/proxy-passes-unknown-fields'],
  'unescapes its target': ['9110/7.7/proxy-keeps-the-query'],
  'answers refusals with 502': ['9110/7.6/proxy-passes-status-*'],
  'drops the fields of refusals': ['9110/7.6/proxy-passes-status-*'],
  'drops what is behind the response': ['6455/4.2.2/proxy-passes-what-is-behind-the-response'],
  'unmasks frames': ['6455/5.1/proxy-passes-masked-frames'],
  'changes an octet of large messages': [
    '6455/5.4/proxy-keeps-the-order-of-fragments',
    '6455/7.1.1/proxy-passes-what-comes-last',
  ],
  'cuts control frames': ['6455/5.4/proxy-keeps-control-frames-whole'],
  'clears reserved bits': ['6455/5.4/proxy-keeps-reserved-bits'],
  'joins fragments': ['6455/5.4/proxy-keeps-fragments-with-extension', '6455/5.4/proxy-keeps-control-frames-whole'],
  'answers Pings itself': ['6455/5.5.2/proxy-passes-pings'],
  'sends Pings twice': ['6455/5.5.2/proxy-passes-pings'],
  'changes the payload of Pongs': ['6455/5.5.2/proxy-passes-pings'],
  'drops Pongs': ['6455/5.5.2/proxy-passes-pings'],
  'holds small messages back': ['6455/6.1/proxy-holds-nothing-back'],
  'ends idle connections': ['6455/7.3/proxy-keeps-idle-connections'],
  'closes with 1000': [1001, 1011, 3000, 4999].map(code => `6455/7.1.5/proxy-passes-close-with-${code}`),
  'drops reasons': ['6455/7.1.6/proxy-passes-reasons'],
  'drops Close frames': [
    '6455/7.1.5/proxy-passes-close-with-1000',
    '6455/7.1.5/proxy-passes-empty-close',
    '6455/7.1.1/proxy-passes-what-comes-last',
  ],
  'cuts both sides at the first end': ['6455/7.1.1/proxy-passes-what-comes-last'],
  'keeps TCP open': ['6455/7.1.4/*', '6455/7.1.5/proxy-passes-close-with-1001'],
  'keeps TCP open behind it': ['6455/7.1.4/proxy-passes-the-end-of-the-client', '6455/7.1.5/proxy-passes-empty-close'],
  'answers 502 to all': ['9110/7.8/proxy-passes-upgrade', '9110/7.6/proxy-passes-status-401'],
  'says nothing': ['9110/7.8/proxy-passes-upgrade', '9110/7.6/proxy-passes-status-401'],
  'answers 200 to who is accepted': ['9110/7.8/proxy-passes-upgrade'],
  'swallows responses': ['9110/7.8/proxy-passes-upgrade', '9110/7.6/proxy-passes-status-401'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type ProxyBreak = keyof typeof proxyMutants

export class NaiveProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** @param upstream - the port that it connects to. */
  constructor(upstream: number, breaks?: ProxyBreak) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
      const server = connect({ port: upstream, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      for (const socket of [client, server]) {
        this.#sockets.add(socket)
        socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
      }
      pass(client, server, breaks)
    })
  }

  /** Resolves with its URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function pass(client: Socket, server: Socket, breaks: ProxyBreak | undefined): void {
  const does = (what: ProxyBreak) => breaks === what
  if (does('says nothing')) return
  if (does('answers 502 to all')) {
    client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
    return
  }
  const out = new Way(client, server, 'request', breaks)
  const back = new Way(server, client, 'response', breaks)
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
  if (does('ends idle connections')) {
    client.setTimeout(50, () => {
      client.end()
      server.end()
    })
  }
}

/** One direction: a head, then frames. */
class Way {
  readonly #from: Socket
  readonly #to: Socket
  readonly #kind: 'request' | 'response'
  readonly #breaks: ProxyBreak | undefined
  #octets: Buffer = Buffer.alloc(0)
  #headRead = false
  #fragments: RawFrame[] = []

  constructor(from: Socket, to: Socket, kind: 'request' | 'response', breaks: ProxyBreak | undefined) {
    this.#from = from
    this.#to = to
    this.#kind = kind
    this.#breaks = breaks
  }

  #does(what: ProxyBreak): boolean {
    return this.#breaks === what
  }

  receive(chunk: Buffer): void {
    this.#octets = Buffer.concat([this.#octets, chunk])
    if (!this.#headRead) {
      const end = this.#octets.indexOf('\r\n\r\n') + 4
      if (end < 4) return
      const head = this.#head(this.#octets.toString('latin1', 0, end))
      this.#headRead = true
      this.#octets = this.#octets.subarray(end)
      if (this.#kind === 'response' && this.#does('drops what is behind the response')) this.#octets = Buffer.alloc(0)
      if (!(this.#kind === 'response' && this.#does('swallows responses'))) this.#to.write(head, 'latin1')
    }
    let read = readRawFrame(this.#octets)
    for (; read !== undefined; read = readRawFrame(this.#octets)) {
      this.#octets = this.#octets.subarray(read.end)
      for (const frame of this.#frames(read.frame)) this.#to.write(buildRawFrame({ ...frame }))
    }
  }

  #head(head: string): string {
    const request = this.#kind === 'request'
    const [start = '', ...lines] = head.slice(0, -4).split('\r\n')
    if (!request && !start.includes(' 101 ')) {
      if (this.#does('answers refusals with 502')) return 'HTTP/1.1 502 Bad Gateway\r\n\r\n'
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
