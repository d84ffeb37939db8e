/** A client of naive endpoints, broken or not, that goes through the loop of a fuzzing server. */
import { connect, type Socket } from 'node:net'
import { buildRawFrame, readRawFrames } from '../../../src/conformance/raw-frame.js'
import type { Break } from './mutants.js'
import { NaiveDeflate } from './naive-deflate.js'
import { NaiveEcho } from './naive-echo.js'
import { naiveExtension, naiveJudgement, naiveRequest } from './naive-opening.js'

export class NaiveClient {
  readonly #breaks: ReadonlySet<Break>
  readonly #sockets = new Map<number, Socket>()

  constructor(breaks: ReadonlySet<Break> = new Set()) {
    this.#breaks = breaks
  }

  /** Runs every case that the server at this port has, several at a time. */
  async run(port: number): Promise<void> {
    // One shows only from the second connection on; the others must not keep the client from asking for cases.
    const shown: readonly Break[] = [
      'sends one key always',
      'loses what comes with the response',
      'ends its lines with LF',
    ]
    const always = shown.some(one => this.#breaks.has(one)) ? this.#breaks : new Set<Break>()
    let count = 0
    // On a busy machine what is to go alone may come together all the same.
    for (let tries = 0; tries < 10 && count === 0; tries++) count = await caseCount(port, always)
    const numbers = Array.from({ length: count }, (_, i) => i + 1).values()
    const work = async () => {
      for (const number of numbers) {
        await open(
          port,
          `/runCase?case=${number}&agent=naive`,
          (socket, early, extension) => {
            this.#sockets.set(number, socket)
            const deflate = extension === '' ? undefined : new NaiveDeflate(extension, 'client', this.#breaks)
            new NaiveEcho(socket, 'client', this.#breaks, deflate).receive(early)
          },
          this.#breaks,
        )
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

async function caseCount(port: number, breaks: ReadonlySet<Break>): Promise<number> {
  let count = 0
  await open(
    port,
    '/getCaseCount',
    (socket, early) => {
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
    },
    breaks,
  )
  return count
}

/** Opens a connection, or does not, and resolves when it is over. */
async function open(
  port: number,
  path: string,
  opened: (socket: Socket, early: Buffer, extension: string) => void,
  breaks: ReadonlySet<Break> = new Set(),
): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  socket.on('error', () => {})
  const { text, key } = naiveRequest(port, path, breaks)
  socket.write(text, 'latin1')
  let octets = Buffer.alloc(0)
  let kept = ''
  const receive = (chunk: Buffer) => {
    octets = Buffer.concat([octets, chunk])
    for (let end = octets.indexOf('\r\n\r\n'); end >= 0; end = octets.indexOf('\r\n\r\n')) {
      const head = octets.toString('latin1', 0, end)
      const open = naiveJudgement(head + kept, key, breaks)
      octets = octets.subarray(end + 4)
      if (open === undefined) {
        if (breaks.has('keeps the fields of interim responses')) kept += head.slice(head.indexOf('\r\n'))
        continue
      }
      socket.off('data', receive)
      const early = breaks.has('loses what comes with the response') ? Buffer.alloc(0) : octets
      if (open) opened(socket.off('end', hangUp), early, naiveExtension(head))
      else socket.resume().end()
      return
    }
    if (breaks.has('reads heads from one segment')) socket.resume().end()
  }
  const hangUp = () => socket.end()
  socket.on('data', receive).on('end', hangUp)
  await new Promise(resolve => socket.once('close', resolve))
}
