/**
 * Where the ledger's rows are honoured, to the line: for a row the expression that does it, and what to put in its place
 * so that it is no longer done. `run.ts` does so and expects the test that the ledger names to fail.
 */

/** One way to break one row. */
export interface Mutation {
  /** Id of the row in spec-notes.md; its first proof must fail, or the one whose file is `test`. */
  readonly row: string
  /** The honouring file. */
  readonly file: string
  /** Stands exactly once in that file. */
  readonly find: string
  readonly replace: string
  /** Which of the row's test files, where it names several. */
  readonly test?: string
}

export const mutations: readonly Mutation[] = [
  { row: '3-1', file: 'src/handshake/websocket-uri.ts', find: '(secure ? 443 : 80)', replace: '80' },
  {
    row: '3-2',
    file: 'src/handshake/websocket-uri.ts',
    find: "if (url.href.includes('#')) throw invalid('a fragment must not be used')",
    replace: '',
  },
  { row: '4.1-20', file: 'src/handshake/client-handshake.ts', find: 'text = `GET ', replace: 'text = `POST ' },
  {
    row: '4.1-7',
    file: 'src/transport/connecting-turns.ts',
    find: 'if (queue !== undefined) {',
    replace: 'if (false) {',
  },
  {
    row: '4.1-15',
    file: 'src/transport/tls-client.ts',
    find: 'rejectUnauthorized: this.#options.rejectUnauthorized !== false',
    replace: 'rejectUnauthorized: false',
  },
  {
    row: '4.1-17',
    file: 'src/transport/tls-client.ts',
    find: 'isIP(this.#host) === 0',
    replace: 'false',
  },
  {
    row: '4.1-22',
    file: 'src/handshake/client-handshake.ts',
    find: 'uri.resourceName',
    replace: "'/'",
  },
  {
    row: '4.1-23',
    file: 'src/handshake/client-handshake.ts',
    find: 'host = uri.authority',
    replace: 'host = uri.host',
  },
  {
    row: '4.1-24',
    file: 'src/handshake/client-handshake.ts',
    find: 'Upgrade: websocket\\r\\nConnection',
    replace: 'Connection',
  },
  { row: '4.1-26', file: 'src/handshake/client-handshake.ts', find: 'Connection: Upgrade\\r\\n`', replace: '`' },
  {
    row: '4.1-29',
    file: 'src/handshake/accept-key.ts',
    find: 'return randomBytes(16)',
    replace: 'return Buffer.alloc(16)',
  },
  {
    row: '4.1-34',
    file: 'src/handshake/client-handshake.ts',
    find: 'Sec-WebSocket-Version: 13',
    replace: 'Sec-WebSocket-Version: 8',
  },
  { row: '4.1-36', file: 'src/handshake/client-handshake.ts', find: '!protocols.every(isToken) || ', replace: '' },
  {
    row: '4.1-37',
    file: 'src/handshake/client-handshake.ts',
    find: ' || hasTwins(protocols)',
    replace: '',
  },
  {
    row: '4.1-42',
    file: 'src/handshake/client-handshake.ts',
    find: "fields.get('upgrade')?.toLowerCase() !== 'websocket'",
    replace: 'false',
  },
  {
    row: '4.1-43',
    file: 'src/handshake/client-handshake.ts',
    find: "!splitList(fields.get('connection')?.toLowerCase() ?? '').includes('upgrade')",
    replace: 'false',
  },
  {
    row: '4.1-44',
    file: 'src/handshake/client-handshake.ts',
    find: "fields.get('sec-websocket-accept') !== acceptValue(this.#key)",
    replace: "fields.get('sec-websocket-accept') === undefined",
  },
  {
    row: '4.1-45',
    file: 'src/extensions/negotiation.ts',
    find: 'extension === undefined || isTaken(extension, agreed) || !extension.accepts(parameters)',
    replace: 'extension === undefined) continue\n    if (isTaken(extension, agreed)',
  },
  {
    row: '4.1-46',
    file: 'src/handshake/client-handshake.ts',
    find: 'if (this.#protocols.includes(protocol)) return protocol',
    replace: 'return protocol',
  },
  {
    row: '4.2.1-2',
    file: 'src/handshake/server-handshake.ts',
    find: 'key === undefined || !isKey(key)',
    replace: 'key === undefined',
  },
  {
    row: '4.2.2-5',
    file: 'src/handshake/server-handshake.ts',
    find: '!allowsOrigin(policy, origin, host)',
    replace: 'false',
  },
  {
    row: '4.2.2-6',
    file: 'src/handshake/server-handshake.ts',
    find: "if (version === '13') return",
    replace: 'return',
  },
  {
    row: '4.2.2-8',
    file: 'src/handshake/server-handshake.ts',
    find: "protocol !== '' && !request.protocols.includes(protocol)",
    replace: 'false',
  },
  {
    row: '4.2.2-9',
    file: 'src/handshake/server-handshake.ts',
    find: "if (protocol !== '') head +=",
    replace: 'head +=',
  },
  {
    row: '4.2.2-11',
    file: 'src/extensions/negotiation.ts',
    find: 'if (extension === undefined || isTaken(extension, agreed)) continue',
    replace: 'if (extension === undefined) continue',
  },
  {
    row: '4.2.2-12',
    file: 'src/handshake/server-handshake.ts',
    find: "Upgrade: websocket\\r\\nConnection: Upgrade\\r\\n'",
    replace: "Connection: Upgrade\\r\\n'",
  },
  {
    row: '4.3-1',
    file: 'src/extensions/negotiation.ts',
    find: 'value === undefined || isToken(value)',
    replace: 'true',
  },
  {
    row: '4.4-1',
    file: 'src/handshake/server-handshake.ts',
    find: "  ['Sec-WebSocket-Version', '13'],\n",
    replace: '',
  },
  {
    row: '5.1-1',
    file: 'src/framing/frame-encoder.ts',
    find: "role === 'client' ? maskingKeys : undefined",
    replace: 'undefined',
  },
  {
    row: '5.1-2',
    file: 'src/framing/frame-decoder.ts',
    find: 'second >= 0x80 !== this.#masked',
    replace: 'second >= 0x80 && !this.#masked',
  },
  {
    row: '5.1-4',
    file: 'src/framing/frame-encoder.ts',
    find: "role === 'client' ? maskingKeys : undefined",
    replace: 'maskingKeys',
  },
  {
    row: '5.1-5',
    file: 'src/framing/frame-decoder.ts',
    find: 'second >= 0x80 !== this.#masked',
    replace: 'second < 0x80 && this.#masked',
  },
  { row: '5.2-2', file: 'src/framing/frame-encoder.ts', find: '(rsv << 4)', replace: '((rsv | 1) << 4)' },
  { row: '5.2-3', file: 'src/framing/frame-decoder.ts', find: 'rsv & ~allowedRsv || ', replace: '' },
  {
    row: '5.2-4',
    file: 'src/framing/frame-decoder.ts',
    find: '(opcode > 0x2 && opcode < 0x8) || opcode > 0xa',
    replace: 'false',
  },
  { row: '5.2-5', file: 'src/framing/frame-decoder.ts', find: 'size === 8 && available > 0', replace: 'false' },
  {
    row: '5.2-6',
    file: 'src/framing/frame-decoder.ts',
    find: 'most < (size === 2 ? 126 : 0x1_0000)',
    replace: 'most < (size === 2 ? 126 : 0)',
  },
  {
    row: '5.2-6',
    file: 'src/framing/frame-decoder.ts',
    find: 'most < (size === 2 ? 126 : 0x1_0000)',
    replace: 'most < (size === 2 ? 0 : 0x1_0000)',
  },
  { row: '5.3-1', file: 'src/framing/frame-encoder.ts', find: 'key === undefined ? 0 : 0x80', replace: '0' },
  { row: '5.3-2', file: 'src/framing/masking.ts', find: 'pool[next++]!', replace: 'pool[0]!' },
  { row: '5.3-3', file: 'src/framing/masking.ts', find: 'fill(pool)\n', replace: 'pool.fill(1)\n' },
  { row: '5.4-3', file: 'src/framing/frame-decoder.ts', find: 'opcode >= 0x8 && first < 0x80', replace: 'false' },
  {
    row: '5.4-5',
    file: 'src/connection/message-assembler.ts',
    find: 'if (this.incomplete !== undefined) {',
    replace: 'if (false) {',
  },
  {
    row: '5.4-6',
    file: 'src/connection/receiver.ts',
    find: 'if (!isControl(frame.opcode) && !this.#state.closing)',
    replace: 'if (!this.#state.closing)',
  },
  {
    row: '5.5-1',
    file: 'src/framing/frame-decoder.ts',
    find: 'first & 0x08 && length7 > maxControlPayload',
    replace: 'false',
  },
  { row: '5.5-2', file: 'src/framing/frame-decoder.ts', find: 'opcode >= 0x8 && first < 0x80', replace: 'false' },
  {
    row: '5.5.1-2',
    file: 'src/framing/close-body.ts',
    find: 'payload.readUInt16BE(0)',
    replace: 'payload.readUInt16LE(0)',
  },
  {
    row: '5.5.1-6',
    file: 'src/connection/connection.ts',
    find: "if (this.#state.closing) return 'dropped'",
    replace: '',
  },
  { row: '5.5.1-7', file: 'src/connection/ending.ts', find: "this.#answerClose(body.code, '')", replace: '' },
  {
    row: '5.5.1-11',
    file: 'src/connection/connection-state.ts',
    find: 'const over = this.failed || (this.closeSent !== undefined && this.closeReceived !== undefined)',
    replace: 'const over = this.failed',
  },
  {
    row: '5.5.1-12',
    file: 'src/connection/connection-state.ts',
    find: "this.role === 'server' ? 'now' : 'after peer'",
    replace: "'after peer'",
  },
  {
    row: '5.5.1-13',
    file: 'src/connection/connection-state.ts',
    find: "this.role === 'server' ? 'now' : 'after peer'",
    replace: "'now'",
  },
  { row: '5.5.2-2', file: 'src/connection/receiver.ts', find: 'this.#outbox.writePong(payload)', replace: '' },
  {
    row: '5.5.3-1',
    file: 'src/connection/receiver.ts',
    find: 'this.#outbox.writePong(payload)',
    replace: 'this.#outbox.writePong(Buffer.alloc(0))',
  },
  {
    row: '5.5.3-2',
    file: 'src/connection/outbox.ts',
    find: 'if (this.#blocked) {',
    replace: 'if (false) {',
  },
  {
    row: '5.6-1',
    file: 'src/connection/message-assembler.ts',
    find: 'if (this.#utf8?.complete === false) throw invalidText()',
    replace: '',
  },
  {
    row: '6.1-2',
    file: 'src/connection/connection.ts',
    find: "if (this.#state.closing) return 'dropped'",
    replace: '',
  },
  { row: '6.1-6', file: 'src/framing/frame-encoder.ts', find: '(rsv << 4) | opcode', replace: '(rsv << 4) | 2' },
  { row: '6.1-7', file: 'src/framing/frame-encoder.ts', find: '(fin ? 0x80 : 0)', replace: '0' },
  {
    row: '6.2-3',
    file: 'src/connection/message-assembler.ts',
    find: 'this.#opcode = frame.opcode',
    replace: 'this.#opcode = Opcode.binary',
  },
  {
    row: '6.2-7',
    file: 'src/framing/frame-decoder.ts',
    find: 'this.#key = mask(chunk, at, runEnd, this.#key)',
    replace: 'this.#key = 0',
  },
  { row: '7.1.2-1', file: 'src/connection/ending.ts', find: 'this.#outbox.writeClose(body)', replace: '' },
  {
    row: '7.1.7-5',
    file: 'src/connection/ending.ts',
    find: 'this.#answerClose(error.statusCode, shortenReason(error.message))',
    replace: '',
  },
  {
    row: '7.1.7-7',
    file: 'src/connection/ending.ts',
    find: 'this.#state.failed = true\n    this.#receiver.stop()',
    replace: 'this.#state.failed = true',
  },
  {
    row: '7.4.1-3',
    file: 'src/status-code.ts',
    find: '(code >= 1007 && code <= 1014)',
    replace: '(code >= 1005 && code <= 1014)',
  },
  {
    row: '7.4.1-4',
    file: 'src/status-code.ts',
    find: '(code >= 1007 && code <= 1014)',
    replace: '(code >= 1006 && code <= 1014)',
  },
  {
    row: '7.4.1-6',
    file: 'src/status-code.ts',
    find: '(code >= 1007 && code <= 1014)',
    replace: '(code >= 1007 && code <= 1015)',
  },
  {
    row: '8.1-1',
    file: 'src/connection/message-assembler.ts',
    find: 'if (!this.#utf8.push(chunk, start, end)) throw invalidText()',
    replace: 'this.#utf8.push(chunk, start, end)',
  },
  {
    row: '9.1-1',
    file: 'src/handshake/client-handshake.ts',
    find: 'if (answers === undefined) throw',
    replace: 'if (answers === undefined) return []\n    if (value === "") throw',
  },
  {
    row: '10.2-1',
    file: 'src/handshake/request-policy.ts',
    find: "if (allowedOrigins === 'same-origin') return sameOrigin(origin, host, secure)",
    replace: "if (allowedOrigins === 'same-origin') return true",
    test: 'test/handshake/4.2.1-reading-the-request.test.ts',
  },
  { row: '10.3-1', file: 'src/framing/masking.ts', find: 'pool[next++]!', replace: 'pool[next++ & ~1]!' },
  {
    row: '10.4-1',
    file: 'src/framing/frame-decoder.ts',
    find: 'length > this.#maxFrameSize && !(first & 0x08)',
    replace: 'false',
  },
  {
    row: '10.4-2',
    file: 'src/connection/message-assembler.ts',
    find: 'frame.payloadLength > limit - this.#size',
    replace: 'frame.payloadLength > limit',
  },
  {
    row: '11.3.1-1',
    file: 'src/handshake/server-handshake.ts',
    find: 'if (fields.count(name) > 1) throw',
    replace: 'if (false) throw',
  },
  {
    row: 'E3150',
    file: 'src/handshake/accept-key.ts',
    find: "last === 'A' || last === 'Q' || last === 'g' || last === 'w'",
    replace: 'last !== undefined',
  },
  {
    row: '4.2.2-7',
    file: 'src/api/server.ts',
    find: 'if (!this.#serves(opening.path)) return { refuse: { status: 404 } }',
    replace: '',
  },
]
