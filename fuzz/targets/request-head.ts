/**
 * A client's Opening Handshake as a server reads it: src/http/head-reader.ts, then src/handshake/server-handshake.ts. What
 * is accepted is compared with a naive reading and with Node's own parser.
 */
import { createHash } from 'node:crypto'
import { HandshakeError } from '../../src/errors.js'
import { refuse } from '../../src/handshake/plain-response.js'
import { makeRequestPolicy } from '../../src/handshake/request-policy.js'
import {
  acceptRequest,
  isUpgradeRequest,
  judgeRequest,
  type OpeningRequest,
} from '../../src/handshake/server-handshake.js'
import { HeadReader } from '../../src/http/head-reader.js'
import type { RequestHead } from '../../src/http/message-head.js'
import { parseNaively } from '../../test/http/naive-head.js'
import { type Chunks, copyOf, cutEverywhere, formatChunks, parseChunks } from '../chunks.js'
import { requestOctets } from '../generators/heads.js'
import { inChunks } from '../generators/octets.js'
import { checkAgainstNaiveHead, checkHeadMemory, checkHeadWork, type HeadOutcome } from '../oracles/head-properties.js'
import { parseWithNode } from '../oracles/llhttp.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

const policy = makeRequestPolicy({ secure: false })

export const requestHeadTarget: Target<Chunks> = {
  name: 'request-head',
  about: "a client's Opening Handshake as a server reads it",
  inputs: inChunks(requestOctets),
  format: formatChunks,
  parse: parseChunks,
  check(chunks) {
    const whole = Buffer.concat(chunks)
    const read = readRequest([whole])
    mustEqual('segmentation', describe(readRequest(chunks)), describe(read), 'the reading of the chunks')
    if (whole.length <= 2048) {
      mustEqual('segmentation', describe(readRequest(cutEverywhere(whole))), describe(read), 'read octet by octet')
    }
    checkAgainstNaiveHead('request', whole, read)
    checkHeadWork('request', whole)
    checkHeadMemory('request', chunks)
    if (read.head !== undefined) checkJudgement(read.head as RequestHead, whole)
  },
}

function readRequest(chunks: Chunks): HeadOutcome {
  const reader = new HeadReader('request')
  const given = copyOf(chunks)
  for (const [index, chunk] of given.entries()) {
    try {
      const read = reader.receive(chunk)
      if (read === undefined) continue
      return { head: read.head, rest: Buffer.concat([read.rest, ...given.slice(index + 1)]) }
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error
      must('ending', isRefusal(error.status), `refused with status ${error.status}`)
      return { error }
    }
  }
  return {}
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status <= 599
}

/** Everything that may not depend on the cuts. */
function describe({ head, rest, error }: HeadOutcome): string {
  if (error !== undefined) return `${error.code} ${error.status}`
  if (head === undefined) return 'more'
  const { method, target, version, fields } = head as RequestHead
  return JSON.stringify([method, target, version, [...fields], rest?.toString('hex')])
}

function checkJudgement(head: RequestHead, whole: Buffer): void {
  const before = JSON.stringify([...head.fields])
  const upgrade = isUpgradeRequest(head)
  let request: OpeningRequest
  try {
    request = judgeRequest(head, policy)
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error
    must('ending', isRefusal(error.status), `refused with status ${error.status}`)
    checkRefusal(error)
    return
  }
  must('handshake', upgrade, 'accepted, but not taken for a handshake at all')
  mustEqual('conservation', JSON.stringify([...head.fields]), before, 'the fields after they were judged')
  checkRequirements(request)
  checkResponse(request)
  checkStrictness(head, whole)
}

/** A refusal is a whole response that ends the connection. */
function checkRefusal(error: HandshakeError): void {
  const octets = refuse({ status: error.status!, headers: error.headers, body: error.message })
  const naive = parseNaively('response', octets.toString('latin1'))
  must('output', naive.outcome === 'head', 'a refusal that is no response')
  must('output', naive.line.startsWith(`HTTP/1.1 ${error.status} `), naive.line)
  const length = naive.fields.find(([name]) => name === 'Content-Length')
  mustEqual('output', length?.[1], String(naive.rest.length), 'Content-Length')
  must(
    'output',
    naive.fields.some(([name, value]) => name === 'Connection' && value.startsWith('close')),
    'not closed',
  )
}

/** §4.2.1, read from the fields alone. */
function checkRequirements({ head, key, path }: OpeningRequest): void {
  const values = (name: string) =>
    [...head.fields].filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
  const list = (name: string) =>
    values(name)
      .flatMap(value => value.toLowerCase().split(','))
      .map(one => one.trim())
  mustEqual('handshake', head.method, 'GET', 'the method')
  must('handshake', /^1\.[1-9]$/.test(head.version), `version ${head.version}`)
  mustEqual('handshake', values('host').length, 1, 'Host fields')
  must('handshake', list('upgrade').includes('websocket'), 'Upgrade does not list websocket')
  must('handshake', list('connection').includes('upgrade'), 'Connection does not list Upgrade')
  mustEqual('handshake', values('sec-websocket-version'), ['13'], 'Sec-WebSocket-Version')
  mustEqual('handshake', values('sec-websocket-key'), [key], 'Sec-WebSocket-Key')
  const nonce = Buffer.from(key, 'base64')
  must('handshake', nonce.length === 16 && nonce.toString('base64') === key, `the key ${key}`)
  must('handshake', /^\/(?!\/)[!-~]*$/.test(path) && !path.includes('#'), `the resource name ${path}`)
  must(
    'handshake',
    list('transfer-encoding').length === 0 && list('content-length').every(one => /^0+$/.test(one)),
    'a body',
  )
}

/** §4.2.2: the response, with the proof computed anew. */
function checkResponse(request: OpeningRequest): void {
  const { response } = acceptRequest(request, { protocol: request.protocols[0] })
  const naive = parseNaively('response', response.toString('latin1'))
  must('output', naive.outcome === 'head' && naive.rest === '', 'an acceptance that is no response')
  const accept = createHash('sha1').update(`${request.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const expected = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', accept],
    ...request.protocols.slice(0, 1).map(protocol => ['Sec-WebSocket-Protocol', protocol]),
  ]
  mustEqual('output', [naive.line, naive.fields], ['HTTP/1.1 101 Switching Protocols', expected], 'the response')
}

/** llhttp takes an empty line before the request too, several even, and knows no later version; it says the same of all else. */
function checkStrictness(head: RequestHead, whole: Buffer): void {
  if (head.version !== '1.1') return
  const node = parseWithNode('request', whole)
  if (node === undefined) return
  must('strictness', node !== 'more' && !(node instanceof Error), () => `Node's parser refuses: ${String(node)}`)
  mustEqual('strictness', [node.target, node.fields], [head.target, [...head.fields]], "Node's reading")
}
