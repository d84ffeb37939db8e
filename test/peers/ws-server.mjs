// A server of ws, for the line protocol. What it does with a connection is asked for by the path: see server-peers.ts.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { WebSocketServer } from 'ws'
import { answerCommands } from './line-protocol.mjs'

/** What connections that have ended saw, and who waits for one. */
const seen = []
const takers = []

const commands = {
  async listen({ cert, key, deflate }) {
    const http = cert ? createHttpsServer({ cert: await readFile(cert), key: await readFile(key) }) : createHttpServer()
    const handleProtocols = offered => (offered.has('chat.v2') ? 'chat.v2' : false)
    const server = new WebSocketServer({
      server: http,
      handleProtocols,
      maxPayload: 64 * 1024 * 1024,
      perMessageDeflate: deflate && { threshold: 0 },
    })
    server.on('connection', serve)
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return { port: http.address().port }
  },
  async seen() {
    return seen.shift() ?? (await new Promise(resolve => takers.push(resolve)))
  },
}

function serve(socket, request) {
  const { pathname, searchParams } = new URL(request.url, 'ws://localhost')
  const pieces = Number(searchParams.get('pieces') ?? 1)
  const messages = []
  socket.on('message', (data, isBinary) => {
    const sha256 = createHash('sha256').update(data).digest('hex')
    messages.push({ type: isBinary ? 'binary' : 'text', size: data.length, sha256 })
    const size = Math.ceil(data.length / pieces)
    for (let i = 0; i < pieces; i++) {
      socket.send(data.subarray(i * size, (i + 1) * size), { binary: isBinary, fin: i === pieces - 1 })
    }
  })
  socket.on('close', (code, reason) => {
    const what = { messages, code, reason: reason.toString(), clean: code !== 1006 }
    const taker = takers.shift()
    if (taker === undefined) seen.push(what)
    else taker(what)
  })
  if (pathname === '/ping') {
    socket.on('pong', payload => socket.send(`pong ${payload}`))
    socket.ping(searchParams.get('payload'))
  }
  if (pathname === '/close') {
    const code = searchParams.get('code')
    if (code === null) socket.close()
    else socket.close(Number(code), searchParams.get('reason'))
  }
}

answerCommands(command => commands[command.do](command))
