// The WebSocket class of the WHATWG, as Node 22 and newer have it:
//   framewright conform client --control -- node examples/testees/whatwg.mjs
import { createInterface } from 'node:readline'

const sockets = new Map()
const tell = told => process.stdout.write(`${JSON.stringify(told)}\n`)

const orders = {
  connect({ connection, url, protocols = [] }) {
    const socket = new WebSocket(url, protocols)
    sockets.set(connection, socket)
    socket.onopen = () => tell({ connection, event: 'open', protocol: socket.protocol })
    socket.onerror = ({ message }) => tell({ connection, event: 'error', why: message })
    socket.onclose = ({ code, reason, wasClean }) => tell({ connection, event: 'close', code, reason, clean: wasClean })
  },
  send({ connection, text }) {
    if (text === undefined) tell({ connection, event: 'cannot', do: 'send' })
    else sockets.get(connection).send(text)
  },
  ping({ connection }) {
    tell({ connection, event: 'cannot', do: 'ping' })
  },
  close({ connection, code, reason }) {
    if (code === undefined) sockets.get(connection).close()
    else sockets.get(connection).close(code, reason)
  },
}

tell({ event: 'ready', agent: `Node ${process.version}` })
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  try {
    orders[order.do](order)
  } catch (error) {
    tell({ connection: order.connection, event: 'refused', do: order.do, why: error.message })
  }
}
process.exit()
