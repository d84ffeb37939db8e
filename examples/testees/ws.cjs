// The client of ws:
//   framewright conform client --control -- node examples/testees/ws.cjs
const { createInterface } = require('node:readline')
const { WebSocket } = require('ws')
const { version } = require('ws/package.json')

const sockets = new Map()
const tell = told => process.stdout.write(`${JSON.stringify(told)}\n`)

const orders = {
  connect({ connection, url, protocols = [] }) {
    const socket = new WebSocket(url, protocols)
    sockets.set(connection, socket)
    socket.on('open', () => tell({ connection, event: 'open', protocol: socket.protocol }))
    socket.on('error', ({ message }) => tell({ connection, event: 'error', why: message }))
    socket.on('close', (code, reason) => tell({ connection, event: 'close', code, reason: reason.toString() }))
  },
  send({ connection, text, fragments = [text] }) {
    for (const [i, part] of fragments.entries()) {
      sockets.get(connection).send(part, { fin: i === fragments.length - 1 })
    }
  },
  ping({ connection, payload }) {
    sockets.get(connection).ping(payload)
  },
  close({ connection, code, reason }) {
    sockets.get(connection).close(code, reason)
  },
}

tell({ event: 'ready', agent: `ws ${version}` })
createInterface({ input: process.stdin })
  .on('line', line => {
    const order = JSON.parse(line)
    try {
      orders[order.do](order)
    } catch (error) {
      tell({ connection: order.connection, event: 'refused', do: order.do, why: error.message })
    }
  })
  .on('close', () => process.exit())
