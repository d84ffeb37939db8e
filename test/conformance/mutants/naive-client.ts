/** A client of naive endpoints, broken or not, that goes through the loop of a fuzzing server. */
import { connect, type Socket } from 'node:net'
import { buildRawFrame, readRawFrames } from '../../../src/conformance/raw-frame.js'
import type { Break } from './mutants.js'
import { NaiveEcho } from './naive-echo.js'

export class NaiveClient {
  readonly #breaks: ReadonlySet<Break>
  readonly #sockets = new Map<number, Socket>()

  constructor(breaks: ReadonlySet<Break> = new Set()) {
    this.#breaks = breaks
  }

  /** Runs every case that the server at this port has, several at a time. */
  async run(port: number): Promise<void> {
    const numbers = Array.from({ length: await caseCount(port) }, (_, i) => i + 1).values()
    const work = async () => {
      for (const number of numbers) {
        await open(port, `/runCase?case=${number}&agent=naive`, (socket, early) => {
          this.#sockets.set(number, socket)
          new NaiveEcho(socket, 'client', this.#breaks).receive(early)
        })
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    await open(port, '/updateReports?agent=naive', (socket, early) => {
      new NaiveEcho(socket, 'client', new Set()).receive(early)
    })
  }

  /** The case is over: a mutant that keeps TCP open is cut, for whoever does not read any more sees no reset. */
  cut(number: number): void {
    this.#sockets.get(number)?.destroy()
  }
}

async function caseCount(port: number): Promise<number> {
  let count = 0
  await open(port, '/getCaseCount', (socket, early) => {
    let octets = early
    const receive = (chunk: Buffer) => {
      octets = Buffer.concat([octets, chunk])
      for (const { opcode, payload } of readRawFrames(octets).frames) {
        if (opcode === 1) count = Number(payload)
        if (opcode !== 8 || !socket.writable) continue
        socket.write(buildRawFrame({ opcode: 8, payload, maskingKey: Buffer.from('abcd') }))
      }
    }
    socket.on('data', receive).on('end', () => socket.end())
    receive(Buffer.alloc(0))
  })
  return count
}

/** Opens a connection and resolves when it is over. */
async function open(port: number, path: string, opened: (socket: Socket, early: Buffer) => void): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  socket.on('error', () => {})
  socket.write(
    [
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`,
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    ].join(''),
  )
  let head = Buffer.alloc(0)
  const receive = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    socket.off('data', receive)
    opened(socket, head.subarray(end + 4))
  }
  socket.on('data', receive)
  await new Promise(resolve => socket.once('close', resolve))
}
