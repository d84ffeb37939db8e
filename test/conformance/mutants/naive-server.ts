/** A server of naive endpoints, broken or not. */
import type { Socket } from 'node:net'
import type { Break } from './mutants.js'
import { NaiveDeflate } from './naive-deflate.js'
import { NaiveEcho } from './naive-echo.js'
import { NaiveListener } from './naive-listener.js'
import { naiveAnswer, naiveExtension } from './naive-opening.js'

export class NaiveServer extends NaiveListener {
  constructor(breaks: ReadonlySet<Break> = new Set()) {
    super(socket => accept(socket, breaks))
  }
}

function accept(socket: Socket, breaks: ReadonlySet<Break>): void {
  let head = ''
  const receive = (chunk: Buffer) => {
    head += chunk.toString('latin1')
    // An empty line before the request is not the one behind it.
    const early = breaks.has('answers before the head ends') ? head.indexOf('\r\nSec-WebSocket-Version: 13\r\n') : -1
    const end = early < 0 ? head.indexOf('\r\n\r\n', head.startsWith('\r\n') ? 2 : 0) : early + 27
    if (end < 0 && breaks.has('reads heads from one segment')) socket.end()
    if (breaks.has('hangs up on large heads') && head.length > 32_768) {
      socket.end()
      return
    }
    if (end < 0) return
    socket.off('data', receive)
    const answer = naiveAnswer(head.slice(0, end), breaks)
    if (breaks.has('falls silent at what is wrong') && !answer.startsWith('HTTP/1.1 101')) return
    if (breaks.has('hangs up instead of refusing') && !answer.startsWith('HTTP/1.1 101')) {
      socket.end()
      return
    }
    socket.write(answer, 'latin1')
    if (breaks.has('waits for content that does not come') && answer === '') return
    if (answer.startsWith('HTTP/1.1 100')) return
    if (answer.slice(9, 12) !== '101') {
      socket.end()
      return
    }
    const extension = naiveExtension(answer)
    const deflate = extension === '' ? undefined : new NaiveDeflate(extension, 'server', breaks)
    new NaiveEcho(socket, 'server', breaks, deflate).receive(Buffer.from(head.slice(end + 4), 'latin1'))
  }
  socket.on('data', receive)
}
