/** §7.1.1: what is timed is a Closing Handshake and the end of TCP, and not how long this tool waits for one. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t from 'tap'
import { load } from '../../src/load/load.js'
import { acceptFor } from '../transport/scripted-server.js'

t.test(
  'a server that reads nothing more: no Closing Handshake is timed, and that there was none is an error',
  async t => {
    const sockets: Socket[] = []
    const server = createServer(socket => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('data', head => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
            `Sec-WebSocket-Accept: ${acceptFor(head.toString('latin1'))}\r\n\r\n`,
        )
        socket.pause()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
    const options = { connections: 2, rate: 20, duration: 100, warmUp: 0, drain: 100 }
    const { times, errors, counts, closeCodes } = await load(url, options)
    t.equal(times.close, undefined)
    t.same(errors, [{ kind: 'not closed', count: 2, example: 'no Closing Handshake and end of TCP within 100 ms' }])
    t.match(counts, { dropped: 0, unanswered: 2 })
    t.same(closeCodes, { 1006: 2 })
  },
)
