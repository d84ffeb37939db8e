/**
 * How long one turn of the event loop takes at most while a long message is compressed, sent, read and inflated: two
 * connections without sockets between them, driven as a transport drives them. CPU time, so that what others do does not
 * count; or the clock's, where that is less, for the helper threads of V8 count as CPU of the process.
 */
import {
  type AgreedExtension,
  Connection,
  connectionSettings,
  PerMessageDeflate,
  resolveLimits,
} from '../../src/protocol.js'
import { textOf } from '../sample-text.js'
import { median } from '../statistics.js'
import { messageOf } from './corpora.js'

/** What a message is made of. */
export type Content = 'zeros' | 'JSON' | 'random octets' | 'string of JSON' | 'string of Cyrillic'

export const contents: readonly Content[] = ['zeros', 'JSON', 'random octets', 'string of JSON', 'string of Cyrillic']

/** Milliseconds of CPU that the longest turn took: the median of the rounds. */
export interface Slices {
  readonly content: Content
  /** Handing the message over. */
  readonly send: number
  readonly compress: number
  /** Taking frames out, masked. */
  readonly write: number
  /** Taking octets in, 64 KiB at a time. */
  readonly read: number
  /** The last one delivers. */
  readonly inflate: number
}

type Step = Exclude<keyof Slices, 'content'>

export const steps: readonly Step[] = ['send', 'compress', 'write', 'read', 'inflate']

export function measureSlices(content: Content, size: number, rounds: number): Slices {
  const message = contentOf(content, size)
  const found = Array.from({ length: rounds }, () => longestTurns(message, content.startsWith('string')))
  const medians = steps.map(step => [step, median(found.map(longest => longest[step]))])
  return { content, ...(Object.fromEntries(medians) as Record<Step, number>) }
}

function contentOf(content: Content, size: number): Buffer {
  if (content === 'zeros') return Buffer.alloc(size)
  if (content === 'string of Cyrillic') return textOf('cyrillic', size)
  const part = 1024 * 1024
  const corpus = content === 'random octets' ? content : 'JSON ticks'
  const parts = Array.from({ length: Math.ceil(size / part) }, (_, n) => messageOf(corpus, n * 1_000_003, part))
  return Buffer.concat(parts).subarray(0, size)
}

function longestTurns(message: Buffer, isText: boolean): Record<Step, number> {
  const longest: Record<Step, number> = { send: 0, compress: 0, write: 0, read: 0, inflate: 0 }
  const turn = <Result>(step: Step, work: () => Result): Result => {
    const began = performance.now()
    const before = process.cpuUsage()
    const result = work()
    const { user, system } = process.cpuUsage(before)
    longest[step] = Math.max(longest[step], Math.min(performance.now() - began, (user + system) / 1000))
    return result
  }
  let delivered: string | Buffer | undefined
  const deliver = (data: string | Buffer) => {
    delivered = data
  }
  const sender = connection('client', () => {})
  const receiver = connection('server', deliver)
  turn('send', () => (isText ? sender.sendText(message) : sender.sendBinary(message)))
  while (sender.hasWork || sender.hasOutput) {
    while (sender.hasOutput) {
      const octets = turn('write', () => Buffer.concat(sender.takeOutput(0)))
      sender.transportTook(0, false, 0)
      sender.releaseOutput()
      for (let at = 0; at < octets.length; at += chunk) {
        const read = Buffer.from(octets.subarray(at, at + chunk))
        turn('read', () => receiver.receive(read, 0))
      }
    }
    if (sender.hasWork) turn('compress', () => sender.work(0))
  }
  while (receiver.hasWork) turn('inflate', () => receiver.work(0))
  if (delivered === undefined || Buffer.byteLength(delivered) !== message.length)
    throw new Error('what came is not what was sent')
  sender.transportEnded(0)
  receiver.transportEnded(0)
  return longest
}

/** What Node reads at a time. */
const chunk = 64 * 1024

function connection(role: 'client' | 'server', deliver: (data: string | Buffer) => void): Connection {
  const nothing = () => {}
  const limits = resolveLimits(role, { maxMessageSize: 'unlimited', maxSendBuffer: 'unlimited' })
  const handler = {
    onText: deliver,
    onBinary: deliver,
    onPing: nothing,
    onPong: nothing,
    onClosing: nothing,
    onPeerEnd: nothing,
    onDrain: nothing,
    onWritten: nothing,
    onClose: nothing,
    onError: (error: unknown) => {
      throw error
    },
  }
  const agreed: AgreedExtension[] = [{ extension: new PerMessageDeflate(role), parameters: [] }]
  return new Connection(role, handler, { wake: nothing }, connectionSettings(limits), 0, agreed)
}
