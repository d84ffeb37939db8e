// Reads into memory that is used again, and the trial before: whatever is not as expected makes reads plain.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import t from 'tap'
import { type BeginReads, tryReads } from '../../src/transport/reads-trial.js'
import { findSlots, ReusedReads, sharedReusedReads } from '../../src/transport/reused-reads.js'
import { onRead, own } from '../../src/transport/socket-events.js'
import { withCoverage } from '../coverage/child-environment.js'
import { drivenWheel } from './driven-timers.js'
import { turns, until } from './event-loop.js'

/** A socket that was accepted here, and the other end of it. */
async function wire(t: { teardown(end: () => unknown): void }): Promise<{ socket: Socket; peer: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [socket] = (await accepted) as [Socket]
  server.close()
  t.teardown(() => {
    socket.destroy()
    peer.destroy()
  })
  return { socket, peer }
}

/** An owner that notes what it is told. */
class Notes {
  readonly lines: string[] = []
  onData(chunk: Buffer, lent: boolean): void {
    this.lines.push(`${lent ? 'lent' : 'own'} ${chunk.toString('latin1')}`)
  }
  onEnd(): void {
    this.lines.push('end')
  }
  onError(error: Error): void {
    this.lines.push(error.message)
  }
  onClose(): void {
    this.lines.push('close')
  }
}

t.test('they work with this Node, and the second one who asks does not wait', async t => {
  await sharedReusedReads.triedFor('reused')
  t.ok(sharedReusedReads.proven)
  t.equal(sharedReusedReads.triedFor('reused'), undefined)
})

t.test('who wants plain reads tries nothing', async t => {
  const reads = new ReusedReads(() => t.fail('tried') as never)
  t.equal(reads.triedFor('plain'), undefined)
  t.notOk(reads.proven)
})

t.test('what was read before is told first, what is read after is lent', async t => {
  const reads = new ReusedReads()
  await reads.triedFor('reused')
  const { socket, peer } = await wire(t)
  const notes = new Notes()
  own(socket, notes)
  peer.write('a')
  await until(() => notes.lines.length === 1)
  socket.pause()
  socket.unshift(Buffer.from('b'))
  t.notOk(reads.begin(socket), 'while something waits')
  socket.resume()
  await until(() => notes.lines.length === 2)
  t.ok(reads.begin(socket))
  t.notOk(reads.begin(socket), 'once')
  peer.write('c')
  await until(() => notes.lines.length === 3)
  socket.pause()
  peer.end('d')
  await turns()
  t.equal(notes.lines.length, 3, 'paused, it does not read')
  socket.resume()
  await until(() => notes.lines.includes('end'))
  t.same(notes.lines, ['own a', 'own b', 'lent c', 'lent d', 'end'])
})

t.test('a read that fills the memory, and one that does not', async t => {
  const { socket } = await wire(t)
  const chunks: Buffer[] = []
  own(socket, Object.assign(new Notes(), { onData: (chunk: Buffer) => chunks.push(chunk) }))
  const memory = Buffer.from('abc')
  onRead.call(socket, 3, memory)
  onRead.call(socket, 2, memory)
  t.equal(chunks[0], memory)
  t.same(chunks[1], Buffer.from('ab'))
})

t.test('not on TLS, nor on what is no socket, nor on a socket that is closed', async t => {
  await sharedReusedReads.triedFor('reused')
  const { socket } = await wire(t)
  t.notOk(sharedReusedReads.begin(duplexPair()[0]))
  t.notOk(sharedReusedReads.begin(new TLSSocket(socket)))
  socket.destroy()
  await once(socket, 'close')
  t.notOk(sharedReusedReads.begin(socket))
})

t.test('before it is known whether they work they are not begun, and being asked to begin tries them', async t => {
  const reads = new ReusedReads()
  const { socket } = await wire(t)
  own(socket, new Notes())
  t.notOk(reads.begin(socket))
  await until(() => reads.proven)
  t.ok(reads.begin(socket))
})

const without: readonly (readonly [string, ReusedReads])[] = [
  ['without WebAssembly', new ReusedReads(() => undefined)],
  ['a net.Socket that keeps its option elsewhere', new ReusedReads(undefined, () => findSlots(() => ({})))],
  [
    'a net.Socket that does not keep all of it',
    new ReusedReads(undefined, () => findSlots(({ onread }) => ({ [Symbol()]: onread.buffer }))),
  ],
]
for (const [what, reads] of without) {
  t.test(`plain reads: ${what}`, async t => {
    await reads.triedFor('reused')
    t.notOk(reads.proven)
    const { socket } = await wire(t)
    t.notOk(reads.begin(socket))
  })
}

/** Reads as usual, and tells of them as this says. */
function telling(tell: (socket: Socket, chunk: Buffer) => void): BeginReads {
  return socket => {
    socket.removeAllListeners('data')
    socket.on('data', chunk => tell(socket, chunk))
    return true
  }
}

/** As they should be. */
const faithful = telling((socket, chunk) => onRead.call(socket, chunk.length, chunk))

const memory = Buffer.alloc(1000)
const broken: readonly (readonly [string, BeginReads])[] = [
  ['it is said not to work', () => false],
  [
    'it throws',
    () => {
      throw new Error('no such function')
    },
  ],
  ['what is read is not lent', () => true],
  ['octets are lost', telling((socket, chunk) => onRead.call(socket, chunk.length - 1, chunk))],
  [
    'octets of another socket are told',
    telling((socket, chunk) => onRead.call(socket, chunk.copy(memory), Buffer.from('other'))),
  ],
  [
    'the socket breaks',
    socket => {
      socket.destroy(new Error('broken'))
      return true
    },
  ],
  [
    'the socket reads although it is paused',
    socket => {
      socket.pause = () => socket
      return faithful(socket)
    },
  ],
]
for (const [what, begin] of broken) {
  t.test(`the trial says no: ${what}`, async t => {
    t.equal(await tryReads(begin), false)
  })
}

t.test('the trial says no: nothing is read, for too long', async t => {
  const { wheel, timers } = drivenWheel()
  let begun = 0
  const tried = tryReads(socket => {
    begun++
    socket.removeAllListeners('data')
    return true
  }, wheel)
  await until(() => begun === 2)
  await turns()
  timers.advance(3000)
  t.equal(await tried, false)
  t.equal(wheel.size, 0)
})

t.test('the trial is not told no by the clock alone: a program may be busy while it starts', async t => {
  const { wheel, timers } = drivenWheel()
  const tried = tryReads(faithful, wheel)
  for (let n = 0; n < 5; n++) {
    timers.now += 60_000
    timers.ring()
    timers.runSoon()
  }
  t.equal(await tried, true)
  t.equal(wheel.size, 0)
})

t.test('the trial would say yes to reads that are as they should be', async t => {
  t.equal(await tryReads(faithful), true)
})

t.test('in each worker of a cluster, all at the same time', async t => {
  const program = `
    import cluster from 'node:cluster'

    import { ReusedReads } from ${JSON.stringify(new URL('../../src/transport/reused-reads.js', import.meta.url))}
    if (cluster.isPrimary) for (let i = 0; i < 3; i++) cluster.fork()
    else {
      const reads = new ReusedReads()
      await reads.triedFor('reused')
      console.log(reads.proven)
      process.exit()
    }`
  const folder = t.testdir({ 'cluster.mjs': program })
  const { stdout } = await promisify(execFile)('/usr/bin/env', [...withCoverage, join(folder, 'cluster.mjs')])
  t.equal(stdout, 'true\ntrue\ntrue\n')
})
