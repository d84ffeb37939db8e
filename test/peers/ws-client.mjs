// A client of ws, for the line protocol.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { WebSocket } from 'ws'
import { answerCommands } from './line-protocol.mjs'

let socket
let messages = []
let takers = []
let closed

const commands = {
  async open({ url, protocols, ca, deflate }) {
    // Its names of the parameters are ours.
    const perMessageDeflate = deflate === undefined ? true : { threshold: 0, ...deflate }
    const maxPayload = 64 * 1024 * 1024
    socket = new WebSocket(url, protocols ?? [], { ca: ca && (await readFile(ca)), maxPayload, perMessageDeflate })
    messages = []
    takers = []
    socket.on('message', (data, isBinary) => {
      const taker = takers.shift()
      if (taker === undefined) messages.push({ data, isBinary })
      else taker({ data, isBinary })
    })
    let clean = true
    socket.on('error', () => {
      clean = false
    })
    closed = new Promise(resolve => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString(), clean: clean && code !== 1006 }))
    })
    const opened = new Promise(resolve => {
      socket.on('open', () => resolve({ opened: true, protocol: socket.protocol }))
    })
    return Promise.race([opened, closed.then(({ code }) => ({ opened: false, code }))])
  },
  async send({ type, payload, pieces = 1 }) {
    const octets = await readFile(payload)
    const size = Math.ceil(octets.length / pieces)
    for (let i = 0; i < pieces; i++) {
      socket.send(octets.subarray(i * size, (i + 1) * size), { binary: type === 'binary', fin: i === pieces - 1 })
    }
    return {}
  },
  async receive() {
    const { data, isBinary } = messages.length > 0 ? messages.shift() : await nextMessage()
    const sha256 = createHash('sha256').update(data).digest('hex')
    return { type: isBinary ? 'binary' : 'text', size: data.length, sha256 }
  },
  async ping({ payload }) {
    socket.ping(payload)
    const [pong] = await once(socket, 'pong')
    return { payload: pong.toString() }
  },
  close({ code, reason }) {
    socket.close(code, reason)
    return closed
  },
  closed: () => closed,
}

function nextMessage() {
  return new Promise((resolve, reject) => {
    takers.push(resolve)
    closed.then(({ code }) => reject(new Error(`no message: closed with ${code}`)))
  })
}

answerCommands(command => commands[command.do](command))
