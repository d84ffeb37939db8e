// What an application is told, by handlers and by events, and what becomes of what it throws: RFC 6455 §7.4.1 (1011).
import { once } from 'node:events'
import t from 'tap'
import { createServer } from '../../src/api/server.js'
import type { ServerHandlers } from '../../src/api/server-options.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { turns, until } from '../transport/event-loop.js'
import { clientFrame, type RawClient } from '../transport/raw-client.js'
import { serve } from './serving.js'

t.test('handlers and listeners are both told, the handler first', async t => {
  const told: string[] = []
  const tell = (line: string) => void told.push(line)
  const { open } = await serve(
    t,
    { limits: { sendHighWaterMark: 10 } },
    {
      connection: () => tell('connection'),
      message: (_, data, isBinary) => tell(`message ${data} ${isBinary}`),
      ping: (_, payload) => tell(`ping ${payload}`),
      pong: (_, payload, time) => tell(`pong ${payload} ${typeof time}`),
      drain: () => tell('drain'),
      closing: (_, received) => tell(`closing ${received?.code}`),
      close: (_, record) => tell(`close ${record.code}`),
    },
  )
  const { client, connection } = await open()
  connection
    .on('message', (data, isBinary) => tell(`  message ${data} ${isBinary}`))
    .on('ping', payload => tell(`  ping ${payload}`))
    .on('pong', (payload, time) => tell(`  pong ${payload} ${typeof time}`))
    .on('drain', () => tell('  drain'))
    .on('closing', received => tell(`  closing ${received?.code}`))
    .on('close', record => tell(`  close ${record.code}`))
    .on('statechange', state => tell(`  state ${state}`))
    .on('peerend', () => tell('  peerend'))
  let written = 0
  connection.on('written', octets => (written += octets))
  client.write(clientFrame({ opcode: 1, payload: 'a' }), clientFrame({ opcode: 2, payload: 'b' }))
  client.send({ opcode: 9, payload: 'x' })
  client.send({ opcode: 10, payload: 'y' })
  t.equal(await client.line(), 'pong "x"')
  t.equal(connection.send('twelve octets'), 'queued')
  t.equal(await client.line(), 'text "twelve octets"')
  const rtt = connection.ping('z')
  client.send({ opcode: 10, payload: (await client.frame()).payload })
  t.type(await rtt, 'number')
  client.close(1000)
  await client.end()
  client.stream.end()
  await connection.closed
  t.equal(written, 3 + 15 + 3 + 4)
  t.same(told, [
    'connection',
    'message a false',
    '  message a false',
    'message b true',
    '  message b true',
    'ping x',
    '  ping x',
    'pong y undefined',
    '  pong y undefined',
    'drain',
    '  drain',
    'pong z number',
    '  pong z number',
    '  state closing',
    'closing 1000',
    '  closing 1000',
    '  peerend',
    '  state closed',
    'close 1000',
    '  close 1000',
  ])
})

/** Makes each thing happen that an application is told of. */
const happenings: Record<string, (client: RawClient, connection: WebSocketConnection) => unknown> = {
  message: client => client.text('x'),
  ping: client => client.send({ opcode: 9, payload: 'x' }),
  pong: client => client.send({ opcode: 10, payload: 'x' }),
  drain: (_, connection) => connection.send('more than ten octets'),
  written: (_, connection) => connection.send('x'),
}

const faultText = 'a fault of the application'

class Fault extends Error {
  override readonly message = faultText
}

const ways: Record<string, () => unknown> = {
  throws: () => {
    throw new Fault()
  },
  rejects: () => Promise.reject(new Fault()),
}

for (const [event, happen] of Object.entries(happenings)) {
  for (const [way, act] of Object.entries(ways)) {
    for (const by of event === 'written' ? ['listener'] : ['handler', 'listener']) {
      t.test(`a ${by} of ${event} that ${way}: 1011 once, told once`, async t => {
        const errors: unknown[] = []
        const handlers: ServerHandlers = { error: (_, error) => errors.push(error) }
        if (by === 'handler') Object.assign(handlers, { [event]: act })
        const { open } = await serve(t, { limits: { sendHighWaterMark: 10 } }, handlers)
        const { client, connection } = await open()
        if (by === 'listener') connection.on(event as 'message', act)
        happen(client, connection)
        let line = await client.line()
        while (!line.startsWith('close')) line = await client.line()
        t.equal(line, 'close 1011 ""')
        client.text('nobody hears it')
        client.close(1011)
        await client.end()
        client.stream.end()
        t.match(await connection.closed, { sent: { code: 1011 }, initiator: 'local', error: { message: faultText } })
        await turns(3)
        // Of `written` every further one is a further fault.
        t.equal(event === 'written' ? 1 : errors.length, 1)
        t.type(errors[0], Fault)
      })
    }
  }
}

for (const [way, act] of Object.entries(ways)) {
  for (const by of ['handler', 'listener']) {
    t.test(`a ${by} of connection that ${way}`, async t => {
      const errors: unknown[] = []
      const handlers: ServerHandlers = { error: (_, error) => errors.push(error) }
      if (by === 'handler') handlers.connection = act
      const { dial, server } = await serve(t, {}, handlers)
      let others = 0
      if (by === 'listener') server.on('connection', act)
      else server.on('connection', () => others++)
      const client = await dial()
      await client.open()
      t.equal(await client.line(), 'close 1011 ""')
      t.equal(errors.length, 1)
      if (by === 'handler') t.equal(others, 1, 'the event comes all the same')
    })

    for (const event of ['closing', 'close', 'statechange', 'peerend'] as const) {
      if (by === 'handler' && (event === 'statechange' || event === 'peerend')) continue
      t.test(`a ${by} of ${event} that ${way}: the others are told all the same`, async t => {
        const told: string[] = []
        const handlers: ServerHandlers = {
          closing: () => void told.push('closing'),
          close: () => void told.push('close'),
          error: (_, error) => void told.push(`error ${error instanceof Fault}`),
        }
        if (by === 'handler') Object.assign(handlers, { [event]: act })
        const { open } = await serve(t, {}, handlers)
        const { client, connection } = await open()
        if (by === 'listener') connection.on(event as 'close', act)
        connection.on('closing', () => told.push('closing event'))
        connection.on('close', () => told.push('close event'))
        client.close(1000)
        client.stream.end()
        t.equal(await client.line(), 'close 1000 ""', 'the Closing Handshake is not disturbed')
        await connection.closed
        await turns(3)
        t.ok(told.includes('error true'))
        t.ok(told.includes('close') || (by === 'handler' && event === 'close'))
        t.ok(told.includes('closing') || (by === 'handler' && event === 'closing'))
        if (way === 'rejects' || by === 'handler') {
          t.ok(told.includes('closing event') && told.includes('close event'))
        }
      })
    }
  }
}

const faulty: ServerHandlers = {
  message: () => {
    throw new Fault()
  },
}

t.test('nobody hears of errors: a process warning, and the process lives', async t => {
  const { open } = await serve(t, {}, faulty)
  const { client } = await open()
  const warned = once(process, 'warning')
  client.text('x')
  t.match(await warned, [{ message: faultText }])
  t.equal(await client.line(), 'close 1011 ""')
})

t.test('what is thrown and is no Error is told as it is, and warned of as one', async t => {
  const { open } = await serve(t, {}, { message: () => Promise.reject(Object.create(null)) })
  const { client } = await open()
  const warned = once(process, 'warning')
  client.text('x')
  t.match(await warned, [{ name: 'Error', message: '[Object: null prototype] {}' }])
})

t.test('an error listener instead of a handler', async t => {
  const { open } = await serve(t, {}, faulty)
  const { client, connection } = await open()
  const error = new Promise(resolve => connection.on('error', resolve))
  client.text('x')
  t.type(await error, Fault)
})

t.test('an error handler, or listener, that fails itself: a process warning', async t => {
  for (const [way, act] of Object.entries(ways)) {
    for (const by of ['handler', 'listener']) {
      const { open } = await serve(t, {}, by === 'handler' ? { ...faulty, error: act } : faulty)
      const { client, connection } = await open()
      if (by === 'listener') connection.on('error', act)
      const warned = once(process, 'warning')
      client.text('x')
      t.match(await warned, [{ message: faultText }], `${by} ${way}`)
      t.equal(await client.line(), 'close 1011 ""')
    }
  }
})

t.test('a connection handler that loops over the messages, and fails in the loop', async t => {
  const { open } = await serve(
    t,
    {},
    {
      connection: async connection => {
        for await (const message of connection) connection.send(JSON.stringify(JSON.parse(message as string)))
      },
      error: (_, error) => t.type(error, SyntaxError),
    },
  )
  const { client } = await open()
  client.text('[ 1 ]')
  client.text('not JSON')
  t.equal(await client.line(), 'text "[1]"')
  t.equal(await client.line(), 'close 1011 ""')
})

t.test('the same loop ends with the connection', async t => {
  const ends: string[] = []
  const { open } = await serve(
    t,
    {},
    {
      connection: async connection => {
        for await (const message of connection) connection.send(message)
        ends.push(`${connection.state} ${connection.closeRecord.code}`)
      },
    },
  )
  const { client } = await open()
  client.text('x')
  t.equal(await client.line(), 'text "x"')
  client.close(4001)
  client.stream.end()
  await until(() => ends.length === 1)
  t.same(ends, ['closed 4001'])
})

t.test('an async listener of a server event that fails: a process warning', async t => {
  const { open, server, dial } = await serve(t)
  server.on('refused', () => Promise.reject(new Fault()))
  const warned = once(process, 'warning')
  const client = await dial()
  client.write('nonsense\r\n')
  t.match(await warned, [{ message: faultText }])
  await open()
})

t.test('an async listener of `connection` that fails ends that connection', async t => {
  const { open, server } = await serve(t, {}, { error: (_, error) => t.type(error, Fault) })
  server.on('connection', async () => {
    throw new Fault()
  })
  const { client } = await open()
  t.equal(await client.line(), 'close 1011 ""')
})

t.test('an async listener for once, before there was any other, that fails ends its connection', async t => {
  const { open } = await serve(t, {}, { error: (_, error) => t.type(error, Fault) })
  const { client, connection } = await open()
  connection.once('message', () => Promise.reject(new Fault()))
  client.text('x')
  t.equal(await client.line(), 'close 1011 ""')
})

t.test('listeners: once, off, the names that node:events asks for', async t => {
  const { open } = await serve(t)
  const { client, connection } = await open()
  const told: unknown[] = []
  const listener = (data: unknown) => told.push(data)
  t.equal(connection.off('message', listener), connection)
  t.equal(connection.listenerCount('message'), 0)
  connection.once('message', listener).addListener('message', listener)
  t.equal(connection.listenerCount('message'), 2)
  client.text('a')
  const [data, isBinary] = await once(connection as never, 'message')
  t.same([data, isBinary], ['a', false])
  t.same(told, ['a', 'a'])
  t.equal(connection.removeListener('message', listener), connection)
  t.equal(connection.listenerCount('message'), 0)
})

t.test('S-10 send, ping, pong, close, terminate, pause and resume in every handler', async t => {
  const everything = (connection: WebSocketConnection) => {
    connection.send('x')
    connection.ping().catch(() => {})
    connection.pong()
    connection.pause()
    connection.resume()
    connection.close(1000)
    connection.close(4000)
    connection.send('y')
    connection.terminate()
    connection.terminate()
  }
  for (const event of ['connection', 'message', 'ping', 'pong', 'drain', 'closing', 'close', 'error'] as const) {
    let closes = 0
    const handlers: ServerHandlers = {
      message: connection => {
        connection.send('more than ten octets')
        if (event === 'error') throw new Fault()
      },
      [event]: everything,
    }
    const { open, server } = await serve(t, { limits: { sendHighWaterMark: 10 } }, handlers)
    server.on('connection', connection => connection.on('close', () => closes++))
    const { client } = await open()
    client.stream.on('error', () => {})
    client.send({ opcode: 9, payload: 'x' })
    client.send({ opcode: 10, payload: 'x' })
    client.text('x')
    if (event === 'closing' || event === 'close') client.close()
    await until(() => client.ended || client.closed)
    client.destroy()
    await until(() => server.connections.size === 0)
    t.equal(closes, 1, event)
  }
})

t.test('createServer without anything', async t => {
  const server = createServer()
  t.equal(server.connections.size, 0)
  await server.close()
})
