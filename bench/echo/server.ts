/**
 * An echo server in a process of its own: `node server.js framewright|ws|net`. Tells its port, then answers each message
 * of its parent with the CPU time it has used, in microseconds.
 */
import { createRequire } from 'node:module'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { createServer } from '../../src/index.js'

export type ServerKind = 'framewright' | 'ws' | 'net'

function tell(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!({ cpu: user + system })
  })
  process.on('disconnect', () => process.exit(0))
  process.send!({ port })
}

/** As an application would write it: no option but the size of a message. */
async function serveFramewright(): Promise<void> {
  const server = createServer(
    { limits: { maxMessageSize: 16 * 1024 * 1024 } },
    { message: (connection, data) => void connection.send(data) },
  )
  await server.listen({ host: '127.0.0.1', port: 0 })
  tell((server.address() as AddressInfo).port)
}

interface Socket {
  on(event: 'message', listener: (data: Buffer, binary: boolean) => void): void
  send(data: Buffer, options: { binary: boolean }): void
}

interface WsServer {
  on(event: string, listener: (socket: Socket) => void): void
  address(): AddressInfo
}

function serveWs(): void {
  const require = createRequire(new URL('../../../bench/peers/index.js', import.meta.url))
  const { WebSocketServer } = require('ws') as { WebSocketServer: new (options: object) => WsServer }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })))
  server.on('listening', () => tell(server.address().port))
}

/** The floor: what comes goes back, unread. */
function serveNet(): void {
  const server: TcpServer = createTcpServer(socket => {
    socket.setNoDelay()
    socket.on('data', chunk => socket.write(chunk))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1', () => tell((server.address() as AddressInfo).port))
}

const [kind] = process.argv.slice(2)
if (kind === 'framewright') await serveFramewright()
else if (kind === 'ws') serveWs()
else serveNet()
