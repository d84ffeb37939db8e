// Messages wait for whoever wants them, within limits, and none is lost: RFC 6455 §6.2.
import t from 'tap'
import { MessageQueue } from '../../src/api/message-queue.js'
import { resolveLimits } from '../../src/connection/limits.js'
import { turns, until } from '../transport/event-loop.js'
import { clientFrame, openingRequest } from '../transport/raw-client.js'
import { serve } from './serving.js'

const text = (payload: string) => clientFrame({ opcode: 1, payload })
const texts = (count: number) => Array.from({ length: count }, (_, i) => text(`${i}`))
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)

t.test('no first message is lost: it waits for a listener', async t => {
  const { dial, server } = await serve(t)
  const client = await dial()
  client.write(openingRequest(), ...texts(5))
  await until(() => server.connections.size === 1)
  await turns()
  const [connection] = server.connections
  const got: unknown[] = []
  connection!.on('message', data => got.push(data))
  t.same(got, [], 'never from within the call that asks for it')
  await until(() => got.length === 5)
  client.text('5')
  await until(() => got.length === 6)
  t.same(got, numbers(6))
})

t.test('all listeners that are added at one time hear of the first message', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.text('x')
  await turns()
  const got: string[] = []
  connection.on('message', data => got.push(`a ${data}`))
  connection.once('message', data => got.push(`b ${data}`))
  await until(() => got.length > 0)
  t.same(got, ['a x', 'b x'])
})

t.test('a listener that is gone again takes nothing', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.text('x')
  await turns()
  const listener = () => t.fail('gone')
  connection.on('message', listener).off('message', listener)
  await turns()
  const { value } = await connection.messages().next()
  t.same(value, { data: 'x', isBinary: false })
})

t.test('`once` takes one message; the others wait', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.write(...texts(3))
  await turns()
  const got: unknown[] = []
  for (let i = 1; i <= 3; i++) {
    connection.once('message', data => got.push(data))
    await until(() => got.length === i)
    await turns(3)
    t.same(got, numbers(i))
  }
})

t.test('16 messages wait; then TCP holds the peer back', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  for (const frame of texts(40)) await new Promise(resolve => client.stream.write(frame, resolve))
  await turns(50)
  t.ok(connection.stream.isPaused())
  const got: unknown[] = []
  connection.on('message', data => got.push(data))
  await until(() => got.length === 40)
  t.same(got, numbers(40))
  t.notOk(connection.stream.isPaused())
})

t.test('receiveQueueSize octets wait, whatever their number', async t => {
  const { open } = await serve(t, { limits: { receiveQueueSize: 100 } })
  const { client, connection } = await open()
  client.binary(Buffer.alloc(99))
  await turns()
  t.notOk(connection.stream.isPaused())
  client.binary(Buffer.alloc(1))
  await turns()
  client.binary(Buffer.alloc(1))
  await until(() => connection.stream.isPaused())
  const messages = connection.messages()
  await messages.next()
  await until(() => !connection.stream.isPaused())
})

t.test('a Ping is answered while the queue is not full, also if nobody listens', async t => {
  const { open } = await serve(t)
  const { client } = await open()
  client.write(...texts(15))
  client.send({ opcode: 9, payload: 'x' })
  t.equal(await client.line(), 'pong "x"')
})

t.test('for await: in order, with backpressure, to the end', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.write(...texts(100), clientFrame({ opcode: 2, payload: 'bin' }), clientFrame({ opcode: 8, payload: '' }))
  client.stream.end()
  const got: (string | Buffer)[] = []
  for await (const message of connection) {
    got.push(message)
    if (got.length % 10 === 0) await turns(2)
  }
  t.same(got, [...numbers(100), Buffer.from('bin')])
  t.equal(connection.state, 'closed')
  for await (const _ of connection) t.fail('it has ended')
})

t.test('messages() tells the types', async t => {
  const { open } = await serve(t, { text: 'buffer' })
  const { client, connection } = await open()
  client.write(text('a'), clientFrame({ opcode: 2, payload: 'b' }))
  const messages = connection.messages()
  t.same((await messages.next()).value, { data: Buffer.from('a'), isBinary: false })
  t.same((await messages.next()).value, { data: Buffer.from('b'), isBinary: true })
  const last = messages.next()
  client.close()
  client.stream.end()
  t.same(await last, { value: undefined, done: true })
})

t.test('leaving the loop leaves the connection open, and the next messages to others', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.write(...texts(3))
  for await (const message of connection) {
    t.equal(message, '0')
    break
  }
  t.equal(connection.state, 'open')
  const got: unknown[] = []
  connection.on('message', data => got.push(data))
  await until(() => got.length === 2)
  t.same(got, ['1', '2'])
})

t.test('of two loops each gets some', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  const got: unknown[][] = [[], []]
  const loops = got.map(async list => {
    for await (const message of connection) list.push(message)
  })
  await turns(2)
  client.write(...texts(20), clientFrame({ opcode: 8, payload: '' }))
  client.stream.end()
  await Promise.all(loops)
  t.ok(got[0]!.length > 0 && got[1]!.length > 0)
  t.same(
    got.flat().sort((a, b) => Number(a) - Number(b)),
    numbers(20),
  )
})

t.test('what waits when the peer ends the connection can still be taken: by a listener or by a loop', async t => {
  const { open } = await serve(t)
  for (const listens of [false, true]) {
    const { client, connection } = await open()
    client.write(...texts(3), clientFrame({ opcode: 8, payload: '' }))
    client.stream.end()
    await connection.closed
    const got: unknown[] = []
    if (listens) {
      connection.on('message', data => got.push(data))
      t.same(got, [], 'never from within the call that asks for it')
      await until(() => got.length === 3)
    }
    for await (const message of connection) got.push(message)
    t.same(got, numbers(3))
  }
})

t.test('a listener that is added in the turn of the end hears the messages, then the end', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  const got: unknown[] = []
  connection.on('statechange', state => {
    if (state === 'closed') got.push('closed')
  })
  connection.on('closing', () => connection.on('message', data => got.push(data)))
  client.write(...texts(3), clientFrame({ opcode: 8, payload: '' }))
  client.stream.end()
  await until(() => got.includes('closed'))
  t.same(got, [...numbers(3), 'closed'])
})

t.test('close() behind the Close of the peer has no effect: what waits is told', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.write(...texts(3), clientFrame({ opcode: 8, payload: '' }))
  await until(() => connection.state === 'closing')
  const got: unknown[] = []
  connection.on('message', data => {
    got.push(data)
    connection.close()
  })
  client.stream.end()
  await connection.closed
  t.same(got, numbers(3))
})

t.test('after an end of ours a listener hears nothing any more; a loop takes what waits', async t => {
  const { open } = await serve(t)
  for (const end of ['close', 'terminate'] as const) {
    const { client, connection } = await open()
    client.write(...texts(3))
    await turns()
    connection[end]()
    connection.on('message', () => t.fail('a message behind our end'))
    await turns()
    client.close()
    client.stream.end()
    await connection.closed
    connection.on('message', () => t.fail('a message behind our end'))
    await turns()
    const got: unknown[] = []
    for await (const message of connection) got.push(message)
    t.same(got, numbers(3), end)
  }
})

t.test('a connection that has ended without a message: the loop ends at once', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.destroy()
  await connection.closed
  for await (const _ of connection) t.fail('there is none')
})

t.test('pause holds back what waits, from listeners', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.write(...texts(40))
  await turns()
  connection.pause()
  const got: unknown[] = []
  connection.on('message', data => {
    got.push(data)
    connection.pause()
  })
  await turns()
  t.same(got, [])
  for (let i = 1; i <= 40; i++) {
    connection.resume()
    await until(() => got.length === i)
  }
  t.same(got, numbers(40))
})

t.test('pause holds back what waits and what comes, from loops too', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  const got: unknown[] = []
  const loop = (async () => {
    for await (const message of connection) got.push(message)
  })()
  await turns()
  connection.pause()
  client.write(...texts(3))
  await turns()
  t.same(got, [])
  connection.resume()
  await until(() => got.length === 3)
  client.destroy()
  await loop
  t.same(got, numbers(3))
})

t.test('a loop that begins while paused waits for what was queued', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  client.write(...texts(3))
  await turns()
  connection.pause()
  const got: unknown[] = []
  const loop = (async () => {
    for await (const message of connection) got.push(message)
  })()
  await turns()
  t.same(got, [])
  client.destroy()
  connection.resume()
  await loop
  t.same(got, numbers(3))
})

for (const end of ['close', 'terminate'] as const) {
  t.test(`${end}() in a listener: what waited behind that message is not emitted`, async t => {
    const { open } = await serve(t)
    const { client, connection } = await open()
    client.write(...texts(3))
    await turns()
    const got: unknown[] = []
    connection.on('message', data => {
      got.push(data)
      connection[end]()
    })
    await until(() => connection.state !== 'open')
    await turns()
    t.same(got, numbers(1))
    client.destroy()
  })
}

t.test('a listener that fails at a message that waited: the others are not told it', async t => {
  const errors: unknown[] = []
  const { open } = await serve(t, {}, { error: (_, error) => errors.push(error) })
  const { client, connection } = await open()
  client.write(...texts(5))
  await turns()
  connection.on('message', data => {
    throw new Error(`at ${data}`)
  })
  t.equal(await client.line(), 'close 1011 ""')
  await turns()
  t.match(errors, [{ message: 'at 0' }])
  t.equal(errors.length, 1)
})

t.test("text: 'buffer' delivers text as octets that are UTF-8, and sends them", async t => {
  const { open } = await serve(
    t,
    { text: 'buffer' },
    { message: (connection, data, isBinary) => connection.send(data, { text: !isBinary }) },
  )
  const { client } = await open()
  client.text('grüße')
  t.equal(await client.line(), 'text "grüße"')
  client.send({ opcode: 1, payload: Buffer.from([0xff]) })
  t.match(await client.line(), /^close 1007/)
})

t.test('a message queue: full by number or by size', async t => {
  const limits = resolveLimits('server', { receiveQueueMessages: 2, receiveQueueSize: 10 })
  const queue = new MessageQueue({ limits, borrowed: false }, false, {
    onHandlerFailed: error => t.fail(String(error)),
  })
  const message = (data: string) => ({ data, isBinary: false })
  t.ok(queue.empty)
  queue.push(message('a'))
  t.notOk(queue.full || queue.empty)
  queue.push(message('b'))
  t.ok(queue.full)
  t.equal(queue.shift()?.data, 'a')
  t.notOk(queue.full)
  queue.push(message('123456789'))
  t.ok(queue.full)
  queue.clear()
  t.ok(queue.empty && !queue.full)
  t.equal(queue.shift(), undefined)
  const taking = [queue.take(), queue.take()]
  queue.push(message('c'))
  t.equal((await taking[0])?.data, 'c')
  queue.push(message('d'))
  t.equal((await taking[1])?.data, 'd')
  const none = queue.take()
  queue.push(message('e'))
  queue.push(message('f'))
  queue.end()
  t.equal((await none)?.data, 'e')
  t.equal((await queue.take())?.data, 'f')
  t.equal(await queue.take(), undefined)
})
