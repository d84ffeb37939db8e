/**
 * RFC 6455 §4.1: "a direct TCP connection SHOULD be opened to the host given by /host/ and the port given by /port/": to
 * which of its addresses, and in what order (RFC 8305 §4, §5).
 */
import { isIP, type NetConnectOpts, Socket } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { type Lookup, lookUp } from '../../src/transport/address-lookup.js'
import { AddressRace, type RaceTarget } from '../../src/transport/address-race.js'
import { ConnectingTurns, sharedConnectingTurns } from '../../src/transport/connecting-turns.js'
import { type DrivenTimers, drivenWheel } from './driven-timers.js'

/** A lookup that answers with what a test says. */
function answering(...answer: unknown[]): Lookup {
  return ((_host: string, _options: unknown, callback: (...found: unknown[]) => void) => callback(...answer)) as Lookup
}

function lookedUp(lookup: Lookup | undefined, family: 0 | 4 | 6 = 0): Promise<string[] | string> {
  return new Promise(resolve =>
    lookUp('server.example', { family, lookup }, (error, addresses) => resolve(error?.message ?? [...addresses])),
  )
}

t.test('RFC 8305 §4 the families take turns, beginning with that of the first address', async t => {
  const cases: [addresses: string[], order: string[]][] = [
    [['192.0.2.1'], ['192.0.2.1']],
    [
      ['::1', '::2', '192.0.2.1', '192.0.2.2'],
      ['::1', '192.0.2.1', '::2', '192.0.2.2'],
    ],
    [
      ['192.0.2.1', '192.0.2.2', '192.0.2.3', '::1'],
      ['192.0.2.1', '::1', '192.0.2.2', '192.0.2.3'],
    ],
    [
      ['::1', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
      ['::1', '192.0.2.1', '192.0.2.2', '192.0.2.3'],
    ],
    [
      ['::1', '::1', '192.0.2.1', '192.0.2.1'],
      ['::1', '192.0.2.1'],
    ],
  ]
  for (const [addresses, order] of cases) {
    const found = addresses.map(address => ({ address, family: isIP(address) }))
    t.same(await lookedUp(answering(null, found)), order, addresses.join(' '))
  }
})

t.test('a lookup that fails: by a throw, a rejection, or a string for an error', async t => {
  const fail = () => {
    throw new Error('no resolver')
  }
  t.equal(await lookedUp(fail as Lookup), 'no resolver')
  t.equal(await lookedUp((async () => fail()) as unknown as Lookup), 'no resolver')
  t.equal(await lookedUp(answering('no resolver')), 'no resolver')
  t.equal(await lookedUp(answering(null, [])), 'no address was found for server.example')
  const late = (async (_host: string, _options: unknown, done: (...found: unknown[]) => void) => {
    await undefined
    done(null, '192.0.2.1')
  }) as unknown as Lookup
  t.same(await lookedUp(late), ['192.0.2.1'])
})

t.test('RFC 8305 §4 whatever is found: all of it, once, in turns as long as there are both', async t => {
  const v4 = fc.nat({ max: 40 }).map(n => `192.0.2.${n}`)
  const v6 = fc.nat({ max: 40 }).map(n => `2001:db8::${n.toString(16)}`)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(v4, v6), { minLength: 1, maxLength: 20 }), async addresses => {
      const order = (await lookedUp(answering(null, addresses))) as string[]
      const unique = [...new Set(addresses)]
      const [fours, sixes] = [4, 6].map(family => unique.filter(address => isIP(address) === family))
      const turns = Math.min(fours!.length, sixes!.length) * 2
      const families = order.slice(0, turns).map(isIP)
      return (
        order.length === unique.length &&
        order[0] === addresses[0] &&
        unique.every(address => order.includes(address)) &&
        families.every((family, i) => i === 0 || family !== families[i - 1])
      )
    }),
  )
  t.pass()
})

t.test('a lookup may answer with all addresses, with one, or with an error; at once, later, or by a throw', async t => {
  const failing: Lookup = () => {
    throw new Error('no resolver')
  }
  const later = ((_host: string, _options: unknown, callback: (...found: unknown[]) => void) => {
    setImmediate(callback, null, [{ address: '192.0.2.7', family: 4 }])
  }) as Lookup
  const none = 'no address was found for server.example'
  const cases: [what: string, lookup: Lookup, expected: string[] | string][] = [
    ['one address, as without `all`', answering(null, '192.0.2.1', 4), ['192.0.2.1']],
    ['later', later, ['192.0.2.7']],
    ['an error', answering(new Error('ENOTFOUND')), 'ENOTFOUND'],
    ['an error, and addresses all the same', answering(new Error('ENOTFOUND'), ['192.0.2.1']), 'ENOTFOUND'],
    ['a throw', failing, 'no resolver'],
    ['nothing', answering(null, []), none],
    ['nothing at all', answering(), none],
    ['what is no address', answering(null, ['server.example', { address: 7 }, null, '192.0.2.1/24']), none],
    ['some of it no address', answering(null, [{ address: 'x' }, { address: '::1' }]), ['::1']],
  ]
  for (const [what, lookup, expected] of cases) t.same(await lookedUp(lookup), expected, what)
})

t.test('a lookup that answers twice is heard once', async t => {
  const heard: unknown[] = []
  const lookup = ((_host: string, _options: unknown, callback: (...found: unknown[]) => void) => {
    callback(null, '192.0.2.1', 4)
    callback(new Error('too late'))
    throw new Error('later still')
  }) as Lookup
  lookUp('server.example', { family: 0, lookup }, (error, addresses) => heard.push(error ?? addresses))
  t.same(heard, [['192.0.2.1']])
})

t.test(
  'the lookup is asked for all addresses, in the order of the resolver, of the family that was asked for',
  async t => {
    for (const family of [0, 4, 6] as const) {
      const asked: unknown[] = []
      const lookup = ((...args: unknown[]) => {
        asked.push(...args.slice(0, 2))
        ;(args[2] as (...found: unknown[]) => void)(null, '192.0.2.1', 4)
      }) as Lookup
      await lookedUp(lookup, family)
      t.same(asked, ['server.example', { all: true, family, verbatim: true }])
    }
  },
)

t.test("the system's lookup unless told otherwise", async t => {
  const addresses = await new Promise<readonly string[]>(resolve =>
    lookUp('localhost', { family: 4 }, (_error, found) => resolve(found)),
  )
  t.same(addresses, ['127.0.0.1'])
})

/** A race on sockets that connect when the test says so. */
class TestRace {
  readonly timers: DrivenTimers
  readonly race: AddressRace
  /** What happened, with the time. */
  readonly trace: string[] = []
  readonly sockets = new Map<string, Socket>()
  readonly options: NetConnectOpts[] = []
  readonly #waiting: () => number

  constructor(addresses: readonly string[], told: Partial<RaceTarget> & { refuse?: string } = {}) {
    const { wheel, timers } = drivenWheel()
    this.timers = timers
    this.#waiting = () => wheel.size
    const target = { port: 80, localAddress: undefined, oneAtATime: false, ...told, addresses }
    const owner = {
      won: (socket: Socket) => this.#note(`won ${this.#nameOf(socket)}`),
      lost: (errors: readonly Error[]) => this.#note(`lost ${errors.map(error => error.message).join(', ')}`),
    }
    this.race = new AddressRace(target, owner, wheel, options => {
      const { host, path } = options as { host?: string; path?: string }
      const name = host ?? path!
      this.#note(`try ${name}`)
      this.options.push(options)
      if (name === told.refuse) throw new Error(`${name} thrown`)
      const socket = new Socket()
      this.sockets.set(name, socket)
      return socket
    })
    this.race.start()
  }

  connect(name: string): void {
    this.sockets.get(name)!.emit('connect')
  }

  fail(name: string): void {
    this.sockets.get(name)!.destroy()
    this.sockets.get(name)!.emit('error', new Error(`${name} refused`))
  }

  get cut(): string[] {
    return [...this.sockets].filter(([, { destroyed }]) => destroyed).map(([name]) => name)
  }

  get waiting(): number {
    return this.#waiting()
  }

  get listeners(): number {
    const all = [...this.sockets.values()]
    return all.reduce((sum, socket) => sum + socket.listenerCount('connect') + socket.listenerCount('error'), 0)
  }

  #nameOf(socket: Socket): string {
    return [...this.sockets].find(([, other]) => other === socket)![0]
  }

  #note(line: string): void {
    this.trace.push(`${this.timers.now - 1000} ${line}`)
  }
}

t.test(
  'C-17 RFC 8305 §5 the first address says nothing: the next is tried after 250 ms, and the first is not given up',
  async t => {
    const race = new TestRace(['a', 'b', 'c'])
    race.timers.advance(259)
    t.same(race.trace, ['0 try a'])
    race.timers.advance(1)
    t.same(race.trace, ['0 try a', '260 try b'], 'at the next tick of the wheel')
    t.same(race.cut, [])
    race.connect('b')
    t.same(race.trace.slice(2), ['260 won b'])
    t.same(race.cut, ['a'], 'the loser is cut, the winner not')
    t.equal(race.listeners, 0)
    t.equal(race.waiting, 0)
    race.timers.advance(60_000)
    t.equal(race.trace.length, 3, 'no other is tried')
  },
)

t.test('C-17 a slow address wins if it connects first, however late', async t => {
  const race = new TestRace(['a', 'b', 'c'])
  race.timers.advance(14_000)
  t.same(race.trace, ['0 try a', '260 try b', '520 try c'])
  race.connect('a')
  t.same(race.trace.slice(3), ['14000 won a'])
  t.same(race.cut, ['b', 'c'])
})

t.test('C-17 an address that fails: the next is tried at once, and 250 ms run anew', async t => {
  const race = new TestRace(['a', 'b', 'c'])
  race.timers.advance(100)
  race.fail('a')
  t.same(race.trace, ['0 try a', '100 try b'])
  race.timers.advance(259)
  t.equal(race.trace.length, 2)
  race.timers.advance(1)
  t.same(race.trace.slice(2), ['360 try c'])
})

t.test('it is lost when all have failed, not before: what befell each is told', async t => {
  const race = new TestRace(['a', 'b'])
  race.timers.advance(300)
  race.fail('b')
  t.equal(race.trace.length, 2, 'a may still connect')
  race.fail('a')
  t.same(race.trace.slice(2), ['300 lost b refused, a refused'])
  t.equal(race.waiting, 0)
  t.equal(race.listeners, 0)
})

t.test('what Node refuses at the call counts as failed', async t => {
  const race = new TestRace(['a', 'b'], { refuse: 'a' })
  t.same(race.trace, ['0 try a', '0 try b'])
  race.fail('b')
  t.same(race.trace.slice(2), ['0 lost a thrown, b refused'])
})

t.test('finished: all are cut, nothing is tried any more, also in the tick that it was due in', async t => {
  const race = new TestRace(['a', 'b', 'c'])
  race.timers.advance(300)
  race.race.finish()
  t.same(race.cut, ['a', 'b'])
  t.equal(race.waiting, 0)
  t.equal(race.listeners, 0)
  race.race.onDeadline()
  race.timers.advance(10_000)
  t.equal(race.trace.length, 2)
})

t.test(
  '7.1.1 sockets stay half open and do not gather small writes; port, local address and path are passed on',
  async t => {
    const shared = { allowHalfOpen: true, noDelay: true }
    t.same(new TestRace(['a']).options, [{ ...shared, host: 'a', port: 80 }])
    const local = new TestRace(['a'], { localAddress: '127.0.0.2', port: 81 })
    t.same(local.options, [{ ...shared, host: 'a', port: 81, localAddress: '127.0.0.2' }])
    t.same(new TestRace(['/run/a'], { port: undefined }).options, [{ ...shared, path: '/run/a' }])
  },
)

t.test('4.1-5 4.1-6 4.1-7 one at a time: the next may connect when the one before is open, or has failed', async t => {
  const one = { oneAtATime: true }
  const [first, second, third] = [new TestRace(['a'], one), new TestRace(['a'], one), new TestRace(['a'], one)]
  const free = new TestRace(['a'])
  t.same([first.trace, second.trace, third.trace], [['0 try a'], [], []], '"the client MUST serialize them"')
  t.same(free.trace, ['0 try a'], 'who does not ask for it does not wait')
  first.connect('a')
  t.same(second.trace, [], 'connected, but not yet established')
  first.race.finish()
  t.same([second.trace, third.trace], [['0 try a'], []])
  t.same(first.cut, [], 'who has won is not cut')
  second.fail('a')
  t.same(second.trace, ['0 try a', '0 lost a refused'])
  t.same(third.trace, ['0 try a'])
  third.race.finish()
})

t.test(
  '4.1-7 one at a time: "no more than one connection in a CONNECTING state" to an address, under any port',
  async t => {
    const first = new TestRace(['192.0.2.1'], { oneAtATime: true, port: 80 })
    const second = new TestRace(['192.0.2.1', '::1'], { oneAtATime: true, port: 81 })
    const mapped = new TestRace(['::ffff:192.0.2.1'], { oneAtATime: true })
    const other = new TestRace(['192.0.2.2'], { oneAtATime: true })
    t.same([second.trace, mapped.trace, other.trace], [[], [], ['0 try 192.0.2.2']])
    second.timers.advance(300)
    t.same(second.trace, ['260 try ::1'], 'another address of the same host need not wait')
    second.connect('::1')
    second.race.finish()
    first.race.finish()
    t.same(second.trace.length, 2, 'who waited and has won elsewhere takes no turn')
    t.same(mapped.trace, ['0 try ::ffff:192.0.2.1'])
    mapped.race.finish()
    other.race.finish()
  },
)
t.test('4.1-7 the turns: in order of arrival; who leaves twice, or waits no longer, upsets nobody', async t => {
  const turns = new ConnectingTurns()
  const trace: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map(name => ({ onTurn: () => void trace.push(name) }))
  for (const taker of [a!, b!, c!]) turns.join('192.0.2.1', taker)
  turns.leave('192.0.2.1', b!)
  turns.leave('192.0.2.1', b!)
  turns.leave('192.0.2.2', b!)
  t.same(trace, ['a'])
  turns.leave('192.0.2.1', a!)
  t.same(trace, ['a', 'c'])
  t.equal(turns.size, 1)
  turns.leave('192.0.2.1', c!)
  t.equal(turns.size, 0)
  t.equal(sharedConnectingTurns.size, 0, 'nothing is remembered of who has left')
})
