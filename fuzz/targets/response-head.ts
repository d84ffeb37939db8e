/**
 * A server's answer as a client reads it: src/handshake/client-handshake.ts with src/http/head-reader.ts and
 * src/http/body-reader.ts, to the agreement or the refusal with its body.
 */
import { HandshakeError } from '../../src/errors.js'
import type { Extension } from '../../src/extensions/extension.js'
import { type ClientAgreement, ClientHandshake } from '../../src/handshake/client-handshake.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { HeadReader } from '../../src/http/head-reader.js'
import { parseNaively } from '../../test/http/naive-head.js'
import { Allocations } from '../allocations.js'
import { type Chunks, copyOf, cutEverywhere, formatChunks, parseChunks } from '../chunks.js'
import { expectedAccept, responseOctets } from '../generators/heads.js'
import { inChunks } from '../generators/octets.js'
import { checkAgainstNaiveHead, checkHeadMemory, checkHeadWork, type HeadOutcome } from '../oracles/head-properties.js'
import { parseWithNode } from '../oracles/llhttp.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

/** §1.3: the nonce of the sample handshake, whose proof the generator knows. */
const nonce = Buffer.from('the sample nonce')
const uri = WebSocketUri.parse('ws://server.example/chat')
const protocols = ['chat', 'superchat']

/** An extension that takes whatever the server answers. */
const claim: Extension = { name: 'x-claim', rsv: 4, offers: () => [[]], answer: () => [], accepts: () => true }

export const responseHeadTarget: Target<Chunks> = {
  name: 'response-head',
  about: "a server's answer as a client reads it",
  inputs: inChunks(responseOctets),
  format: formatChunks,
  parse: parseChunks,
  check(chunks) {
    const whole = Buffer.concat(chunks)
    const outcome = handshake([whole])
    mustEqual('segmentation', describe(handshake(chunks)), describe(outcome), 'the outcome of the chunks')
    if (whole.length <= 2048) {
      mustEqual('segmentation', describe(handshake(cutEverywhere(whole))), describe(outcome), 'octet by octet')
    }
    checkAgainstNaiveHead('response', whole, readHead(whole))
    checkHeadWork('response', whole)
    checkHeadMemory('response', chunks)
    if (outcome instanceof HandshakeError) checkRefusal(outcome)
    else checkAgreement(outcome, whole)
  },
}

interface Agreed {
  readonly agreement: ClientAgreement
  readonly rest: Buffer
}

/** To its end: where nothing is decided, the server ends the connection. */
function handshake(chunks: Chunks): Agreed | HandshakeError {
  const client = new ClientHandshake(uri, { nonce: () => nonce, protocols, extensions: [claim] })
  const allocations = new Allocations()
  const given = copyOf(chunks)
  let received = 0
  try {
    for (const [index, chunk] of given.entries()) {
      received += chunk.length
      const agreement = allocations.during(() => client.receive(chunk))
      must('memory', allocations.octets <= 6 * received + 1024, `${allocations.octets} octets for ${received}`)
      if (agreement === undefined) continue
      return { agreement, rest: Buffer.concat([agreement.rest, ...given.slice(index + 1)]) }
    }
    return client.receiveEnd()
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
    return error
  }
}

function describe(outcome: Agreed | HandshakeError): string {
  if (outcome instanceof HandshakeError) {
    const { code, status, response } = outcome
    const body = response && Buffer.from(response.body).toString('hex')
    return JSON.stringify([code, status, response?.reason, response?.headers, body])
  }
  const { protocol, extensions, fields } = outcome.agreement
  return JSON.stringify([protocol, extensions, [...fields], outcome.rest.toString('hex')])
}

function readHead(whole: Buffer): HeadOutcome {
  try {
    return new HeadReader('response').receive(whole) ?? {}
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
    return { error }
  }
}

/** §4.1, read from the fields alone; and Node's own parser says the same. */
function checkAgreement({ agreement, rest }: Agreed, whole: Buffer): void {
  const fields = [...agreement.fields]
  const values = (name: string) => fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
  const octets = afterInterim(whole)
  const naive = parseNaively('response', octets)
  must('handshake', naive.outcome === 'head' && /^HTTP\/1\.[1-9] 101/.test(naive.line), 'agreed without 101')
  mustEqual(
    'handshake',
    values('upgrade').map(value => value.toLowerCase()),
    ['websocket'],
    'Upgrade',
  )
  const connection = values('connection')
    .flatMap(value => value.toLowerCase().split(','))
    .map(one => one.trim())
  must('handshake', connection.includes('upgrade'), `Connection is ${connection.join()}`)
  mustEqual('handshake', values('sec-websocket-accept'), [expectedAccept], 'Sec-WebSocket-Accept')
  must('handshake', agreement.protocol === '' || protocols.includes(agreement.protocol), agreement.protocol)
  mustEqual('conservation', rest.toString('latin1'), naive.rest, 'the octets behind the head')
  // A difference that is right: 101 has no body, so nothing here reads what these two say (RFC 9112 §6.3).
  if (values('content-length').length > 0 || values('transfer-encoding').length > 0) return
  // Nor does it know later versions, and it keeps tabs where lines were folded (RFC 9110 §2.5, RFC 9112 §5.2).
  if (!octets.startsWith('HTTP/1.1') || /\r\n[ \t]/.test(octets)) return
  const node = parseWithNode('response', Buffer.from(octets, 'latin1'))
  if (node === undefined) return
  must('strictness', node !== 'more' && !(node instanceof Error), () => `Node's parser refuses: ${String(node)}`)
  mustEqual('strictness', [node.status, node.fields], [101, fields], "Node's reading")
}

/** The text behind all interim responses. */
function afterInterim(whole: Buffer): string {
  let text = whole.toString('latin1')
  while (/^HTTP\/1\.\d 1(?!01)\d\d/.test(text)) text = text.slice(text.indexOf('\r\n\r\n') + 4)
  return text
}

/** The error tells what was answered, within its limits. */
function checkRefusal({ code, status, response }: HandshakeError): void {
  mustEqual('ending', status, response?.status, 'the status')
  must('ending', /^WS_[A-Z_]+$/.test(code), `code ${code}`)
  must('memory', (response?.body.length ?? 0) <= 65_536, 'a body over the limit')
  if (code === 'WS_REFUSED') checkBody(response!)
}

/** No more than Content-Length says; nothing at all where there is no body. */
function checkBody({ status, headers, body }: NonNullable<HandshakeError['response']>): void {
  const values = (name: string) => headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
  if (status === 204 || status === 304) mustEqual('conservation', body.length, 0, 'octets of no body')
  const [length, ...more] = values('content-length')
  if (length === undefined || more.length > 0 || values('transfer-encoding').length > 0 || !/^\d+$/.test(length)) return
  must('conservation', body.length <= Number(length), `a body of ${body.length} octets, Content-Length ${length}`)
}
