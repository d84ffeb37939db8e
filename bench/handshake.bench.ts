/**
 * What the Opening Handshake costs beside its sockets: a server from the octets of a request to the octets of the response
 * and a connection that can be used, a client from a URL to the same. ws has node:http before it; both are given a socket
 * that swallows everything.
 */
import { Connection } from '../src/connection/connection.js'
import type { ConnectionHandler } from '../src/connection/connection-handler.js'
import { connectionSettings } from '../src/connection/connection-settings.js'
import { resolveLimits } from '../src/connection/limits.js'
import { acceptValue } from '../src/handshake/accept-key.js'
import { ClientHandshake } from '../src/handshake/client-handshake.js'
import { makeRequestPolicy } from '../src/handshake/request-policy.js'
import { acceptRequest, judgeRequest } from '../src/handshake/server-handshake.js'
import { WebSocketUri } from '../src/handshake/websocket-uri.js'
import { HeadReader } from '../src/http/head-reader.js'
import { connectWithNode, upgradeWithNode } from './node-upgrade.js'
import type { Contestant, Point, Question, Ws } from './question.js'

export const handshakeQuestion: Question = {
  name: 'handshake',
  about: 'an Opening Handshake without its sockets (one operation: a handshake)',
  points: ws => [
    serverPoint('as a library sends it', '', ws),
    serverPoint('as a browser sends it', browserFields, ws),
    clientPoint(ws),
  ],
}

const browserFields = [
  'Pragma: no-cache',
  'Cache-Control: no-cache',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Origin: http://server.example',
  'Accept-Encoding: gzip, deflate',
  'Accept-Language: en-US,en;q=0.9',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
]
  .map(line => `${line}\r\n`)
  .join('')

const repeats = 16

function serverPoint(name: string, fields: string, ws: Ws | undefined): Point {
  const request = Buffer.from(
    'GET /chat HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${fields}\r\n`,
  )
  const contestants: Contestant[] = [{ name: 'framewright', run: repeated(() => upgrade(request)) }]
  const other = ws && upgradeWithNode(ws, request)
  if (other !== undefined) contestants.push({ name: 'ws', run: repeated(other) })
  return { name: `server, ${name}`, operations: repeats, contestants }
}

function repeated(work: () => void): () => void {
  return () => {
    for (let i = 0; i < repeats; i++) work()
  }
}

const policy = makeRequestPolicy({ secure: false })
const settings = connectionSettings(resolveLimits('server'))
const handler = {} as ConnectionHandler
const owner = { wake() {} }

function upgrade(octets: Buffer): void {
  const read = new HeadReader('request').receive(octets)
  const request = judgeRequest(read!.head, policy)
  const { response } = acceptRequest(request)
  const connection = new Connection('server', handler, owner, settings, 0)
  if (response.length === 0 || connection.state !== 'open') throw new Error('no handshake')
}

const url = 'ws://server.example/chat'

/** From a URL over the request and its response to a connection; the server's part, one SHA-1, is in both. */
function clientPoint(ws: Ws | undefined): Point {
  const contestants: Contestant[] = [{ name: 'framewright', run: repeated(connect) }]
  const other = ws && connectWithNode(ws, url, respond)
  if (other !== undefined) contestants.push({ name: 'ws', run: repeated(other) })
  return { name: 'client, request and response', operations: repeats, contestants }
}

function connect(): void {
  const handshake = new ClientHandshake(WebSocketUri.parse(url))
  const agreement = handshake.receive(respond(handshake.request.toString('latin1')))
  const connection = new Connection('client', handler, owner, clientSettings, 0)
  if (agreement === undefined || connection.state !== 'open') throw new Error('no handshake')
}

const clientSettings = connectionSettings(resolveLimits('client'))

function respond(request: string): Buffer {
  const [, key] = /\r\nSec-WebSocket-Key: (.*)\r\n/.exec(request)!
  return Buffer.from(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptValue(key!)}\r\n\r\n`,
  )
}
