/** A WebSocket whose server is a script of exact octets: what comes from us, read by a codec that is not ours. */
import type { Test } from 'tap'
import { buildRawFrame, type RawFrameParts } from '../../../src/conformance/raw-frame.js'
import { WebSocket, type WebSocketOptions } from '../../../src/index.js'
import { closeBody, RawClient } from '../../transport/raw-client.js'
import { listening, onRequest, switching } from '../../transport/scripted-server.js'
import { SocketLog } from './socket-log.js'

export interface RawPeer {
  readonly socket: WebSocket
  readonly log: SocketLog
  /** The server's end: frames from us are read with `line()` and `frame()`. */
  readonly peer: RawClient
  /** Sends a frame that is not masked. */
  send(...frames: RawFrameParts[]): void
  /** Sends a Close frame and the end of TCP. */
  close(code?: number, reason?: string): void
}

/** Opens a WebSocket; `behind` comes with the 101. */
export async function rawPeer(
  t: Test,
  { fields = '', behind = [], protocols, options, opens = true, before }: RawPeerOptions = {},
): Promise<RawPeer> {
  let accepted: (peer: RawClient) => void
  const peer = new Promise<RawClient>(resolve => (accepted = resolve))
  const { port } = await listening(t, socket => {
    onRequest(socket, head => {
      accepted(new RawClient(socket))
      socket.write(Buffer.concat([Buffer.from(switching(head, fields)), ...behind.map(buildRawFrame)]))
    })
  })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocols, options)
  before?.(socket)
  const log = new SocketLog(socket)
  const raw = await peer
  if (opens) await log.until('open')
  const send = (...frames: RawFrameParts[]) => raw.write(...frames.map(buildRawFrame))
  const close = (code?: number, reason?: string) => {
    send({ opcode: 8, payload: closeBody(code, reason) })
    raw.stream.end()
  }
  return { socket, log, peer: raw, send, close }
}

export interface RawPeerOptions {
  /** Of the response. */
  readonly fields?: string
  readonly behind?: readonly RawFrameParts[]
  readonly protocols?: string
  readonly options?: WebSocketOptions
  /** Default true: the WebSocket is open when this resolves. */
  readonly opens?: boolean
  /** Called before anybody else listens. */
  readonly before?: (socket: WebSocket) => void
}
