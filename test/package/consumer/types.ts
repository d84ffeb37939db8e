// Types as a user's program meets them. It is compiled, not run.
import {
  type Accept,
  type CloseEvent,
  type ConnectionHandlers,
  type ConnectOptions,
  connect,
  createServer,
  HandshakeError,
  type HeaderInit,
  type ListenTarget,
  type PlainAnswer,
  type Server,
  type TypedEmitter,
  WebSocket,
  type WebSocketConnection,
} from 'framewright'
import { type LoadOptions, type LoadReport, load } from 'framewright/load'
import {
  ClientHandshake,
  Connection,
  type ConnectionHandler,
  connectionSettings,
  FrameDecoder,
  FrameEncoder,
  type FrameHeader,
  OutputSlabPool,
  resolveLimits,
  WebSocketUri,
} from 'framewright/protocol'

// Our class stands for the platform's, in its place and in the hands of code that was written for it.
export const Platform: typeof globalThis.WebSocket = WebSocket
globalThis.WebSocket = WebSocket
export const socket: globalThis.WebSocket = new WebSocket('ws://localhost', ['chat'])
socket.onclose = event => event.code.toFixed()
socket.addEventListener('message', event => event.data)

const own = new WebSocket('ws://localhost', { headers: new Headers({ 'X-Token': 'secret' }), protocols: 'chat' })
own.onopen = function () {
  this.send(new Uint8Array(2).subarray(1))
  this.binaryType = 'arraybuffer'
}
own.onclose = event => (event satisfies CloseEvent).reason.trim()
own.addEventListener('close', ({ wasClean }) => wasClean satisfies boolean)
// @ts-expect-error: no such handler
own.onclose = 'close'

interface User {
  readonly name: string
}

const pairs: string[][] = [['X-Token', 'secret']]
export const headers: HeaderInit[] = [pairs, new Map([['a', 'b']]), new Headers(), { 'Set-Cookie': ['a=b', 'c=d'] }]
export const accepted: Accept<User> = { data: { name: 'Ada' }, headers: pairs }
export const refused: PlainAnswer = { status: 401, body: 'who are you?\n' }
export const where: ListenTarget = { port: 0, host: '127.0.0.1' }

const handlers: ConnectionHandlers<User> = {
  message: (connection, data) => connection.send(`${connection.data.name}: ${data}`),
  close: (connection, record) => console.log(connection.data.name, record.code.toFixed()),
}
const server: Server<User> = createServer<User>({ path: '/chat' }, { accept: () => accepted, ...handlers })
server.on('connection', connection => connection.data.name).once('listening', () => {})
// @ts-expect-error: what a server asks of itself is nobody else's
server.decide

const options: ConnectOptions<User> = { handlers, data: { name: 'Ada' }, connectTimeout: 'off' }
export async function talk(): Promise<void> {
  const connection: WebSocketConnection<User> = await connect<User>('ws://localhost', options)
  const events: TypedEmitter<{ drain: [] }> = connection
  events.once('drain', () => {})
  // @ts-expect-error: what a driver tells a connection is nobody else's
  connection.onText('x')
  for await (const message of connection) console.log(message satisfies string | Buffer)
}
export const statusOf = (error: unknown): number | undefined =>
  error instanceof HandshakeError ? error.response?.status : undefined

const handler: ConnectionHandler = {
  onText: text => text,
  onBinary: data => data.length,
  onPing() {},
  onPong() {},
  onClosing() {},
  onPeerEnd() {},
  onDrain() {},
  onWritten() {},
  onClose: record => record.clean,
  onError() {},
}
const settings = connectionSettings(resolveLimits('server'), { slabs: new OutputSlabPool() })
export const bare = new Connection('server', handler, { wake() {} }, settings, 0)
export const octets: Buffer = new ClientHandshake(WebSocketUri.parse('wss://localhost/')).request
export const encoder = new FrameEncoder('server', () => 0, undefined)
export const decoder = new FrameDecoder('server', {
  onHeader: (frame: FrameHeader) => void frame.payloadLength,
  onPayload(_frame, chunk, start, end) {
    chunk.subarray(start, end)
  },
})

export const loadOptions: LoadOptions = {
  rate: [{ from: 0, to: 100, duration: 1000 }],
  connect: { headers: { a: 'b' } },
}
export const p99 = async (report: Promise<LoadReport> = load('ws://localhost', loadOptions)) =>
  (await report).times.rtt?.p99
