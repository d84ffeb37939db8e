/**
 * A step that sends each status code of a range in a Close frame, on a connection of its own: what else would take a case for
 * each of the 65,536. So little happens on each that it is done without a RawPeer.
 */
import type { Socket } from 'node:net'
import { isSendableStatusCode } from '../../status-code.js'
import { dial, type Target } from '../dial.js'
import { close } from '../frame-parts.js'
import { requestText } from '../head-text.js'
import { buildRawFrame, readRawFrame } from '../raw-frame.js'
import type { RawPeer } from '../raw-peer.js'
import { afterSilence } from '../silence-clock.js'
import { type Step, type StepOutcome, well } from '../step.js'
import type { Finding } from '../verdict.js'

/** So many at a time: enough to keep both sides busy, and below what servers queue. Of who opens no more, fewer. */
const atOnce = 32
/** So often in a row one connection alone does not come to be before we give up. */
const attempts = 3
/** Of who has answered so many with nothing, each waited for to the end, no more are asked for: thousands would take hours. */
const enough = 32
/** The most of a range that are sent over TLS, whose handshakes cost what dozens of codes do. */
const mostOverTls = 300

/** What a server answered a code with: a Close frame with a code, or without; the end of TCP; nothing. */
type Answer = number | 'an empty Close frame' | 'the end of TCP' | 'nothing'

/** Why there is no connection: nothing is said of the code then. */
class Unopened {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

/** Codes by what they were answered with that they should not have been. */
type Strange = Map<string, number[]>

/**
 * Sends Close frames with these codes, and awaits what RFC 6455 §7.4 says of them: those that may be sent are answered, by
 * the same code as a rule; the others fail the connection, with 1002. Where connections do not open, the codes are sent on
 * fewer at a time.
 *
 * @param most - of more codes than that only so many are sent, evenly spread.
 */
export function sendEveryCode(codes: readonly number[], most: number): Step {
  const text = `a Close frame with each code from ${codes[0]} to ${codes.at(-1)}, on ${codes.length} connections`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const target = peer.target!
    const step = Math.ceil(codes.length / (target.uri.secure ? Math.min(most, mostOverTls) : most))
    const wrong: Strange = new Map()
    const unusual: Strange = new Map()
    const sent = codes.filter((_, i) => i % step === 0)
    const queue = sent.toReversed()
    let workers = atOnce
    let why = ''
    let silences = 0
    const work = async () => {
      let failures = 0
      while (silences < enough) {
        const code = queue.pop()
        if (code === undefined) break
        const answer = await answerTo(code, target, peer.patience.silence)
        if (answer instanceof Unopened) {
          why = answer.why
          queue.push(code)
          if (workers === 1 && ++failures < attempts) continue
          workers--
          return
        }
        failures = 0
        if (answer === 'nothing' && ++silences === enough) why = `it had answered ${enough} with nothing`
        note(isWrong(code, answer) ? wrong : isUnusual(code, answer) ? unusual : undefined, code, answer)
      }
      workers--
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    const unsent = `${queue.length} of ${sent.length} codes were not sent: ${why}`
    return outcome(wrong, unusual, queue.length === 0 ? undefined : unsent)
  }
  return { kind: 'await', text, run }
}

function isWrong(code: number, answer: Answer): boolean {
  if (answer === 'nothing') return true
  return isSendableStatusCode(code) ? answer === 'the end of TCP' : answer === code && code !== 1002
}

function isUnusual(code: number, answer: Answer): boolean {
  return answer !== (isSendableStatusCode(code) ? code : 1002)
}

function note(strange: Strange | undefined, code: number, answer: Answer): void {
  if (strange === undefined) return
  const key = answer === code ? 'the same' : String(answer)
  strange.set(key, [...(strange.get(key) ?? []), code])
}

/** @param unsent - why not all codes were sent: what is wrong is so all the same, but nothing is right. */
function outcome(wrong: Strange, unusual: Strange, unsent: string | undefined): StepOutcome {
  const findings: Finding[] = []
  if (unusual.size > 0) findings.push({ verdict: 'WARN', section: '7.1.7', reason: told(unusual) })
  if (wrong.size > 0) return { missed: [told(wrong), unsent].filter(part => part !== undefined).join('; '), findings }
  if (unsent !== undefined) findings.push({ verdict: 'ERROR', reason: unsent })
  return findings.length > 0 ? { findings } : well
}

function told(strange: Strange): string {
  return [...strange].map(([answer, codes]) => `it answered ${ranges(codes)} with ${answer}`).join('; ')
}

/** `1, 3 to 7, 9`; at most a few. */
function ranges(codes: readonly number[]): string {
  const most = 12
  const found: [from: number, to: number][] = []
  for (const code of [...codes].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last !== undefined && code === last[1] + 1) last[1] = code
    else found.push([code, code])
  }
  const named = found.slice(0, most).map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`))
  return `${named.join(', ')}${found.length > most ? ` and ${found.length - most} more ranges` : ''}`
}

const maskingKey = Buffer.from('code')
const key = 'dGhlIHNhbXBsZSBub25jZQ=='

async function answerTo(code: number, target: Target, within: number): Promise<Answer | Unopened> {
  const socket = await dial(target, within).catch((error: Error) => new Unopened(`cannot connect: ${error.message}`))
  if (socket instanceof Unopened) return socket
  const answer = await closingWith(code, socket, requestText(target, key), within)
  socket.destroy()
  return answer
}

/** Opens the connection, and closes it with this code. */
function closingWith(code: number, socket: Socket, request: string, within: number): Promise<Answer | Unopened> {
  return new Promise(resolve => {
    let octets: Buffer = Buffer.alloc(0)
    let opened = false
    const settle = (answer: Answer | Unopened) => {
      stop()
      resolve(answer)
    }
    const end = (how: 'nothing' | 'the end of TCP') =>
      settle(opened ? how : new Unopened(`${how} instead of a response to the Opening Handshake`))
    const stop = afterSilence(within, () => end('nothing'))
    socket.on('error', () => end('the end of TCP')).on('end', () => end('the end of TCP'))
    socket.on('data', chunk => {
      octets = Buffer.concat([octets, chunk])
      if (!opened) {
        const behind = acceptanceIn(octets)
        if (behind instanceof Unopened) settle(behind)
        if (!Buffer.isBuffer(behind)) return
        octets = behind
        opened = true
        socket.write(buildRawFrame({ ...close(code), maskingKey }))
      }
      const closing = closeIn(octets)
      if (closing !== undefined) settle(closing.length < 2 ? 'an empty Close frame' : closing.readUInt16BE(0))
    })
    socket.write(request, 'latin1')
  })
}

/** The empty line behind the head of a response. */
const endOfHead = '\r\n\r\n'

/** What is behind the response that accepts, or why it does not; undefined while there is none. Interim ones are skipped. */
function acceptanceIn(octets: Buffer): Buffer | Unopened | undefined {
  let at = 0
  for (let end = octets.indexOf(endOfHead, at); end !== -1; end = octets.indexOf(endOfHead, at)) {
    const start = octets.toString('latin1', at, Math.min(octets.indexOf('\r\n', at), at + 80))
    at = end + endOfHead.length
    if (/^HTTP\/1\.\d 101/.test(start)) return octets.subarray(at)
    if (!/^HTTP\/1\.\d 1/.test(start)) {
      return new Unopened(`it answered the Opening Handshake with ${JSON.stringify(start)}`)
    }
  }
  return undefined
}

/** The body of the Close frame among these; other frames may come before it. */
function closeIn(octets: Buffer): Buffer | undefined {
  for (let read = readRawFrame(octets); read !== undefined; read = readRawFrame(octets, read.end)) {
    if (read.frame.opcode === 8) return read.frame.payload
  }
  return undefined
}
