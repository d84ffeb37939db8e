/** Ways to break §5.4 to §8: messages, control frames, the Closing Handshake (`src/connection/`). */
import type { Mutation } from './mutation.js'

export const connectionMutations: readonly Mutation[] = [
  {
    row: '5.1-7',
    file: 'src/connection/connection.ts',
    find: "if (this.#parts.closing) return 'dropped'",
    replace: "if (this.#parts.closing || this.#parts.octetsReceived === 0) return 'dropped'",
  },
  {
    row: '5.4-5',
    file: 'src/connection/message-assembler.ts',
    find: 'if (this.#opcode !== Opcode.continuation) {',
    replace: 'if (false) {',
  },
  {
    row: '5.4-6',
    file: 'src/connection/receiver.ts',
    find: 'if (!isControl(frame.opcode) && !this.#parts.closing)',
    replace: 'if (!this.#parts.facts.closing)',
  },
  {
    row: '5.5.1-6',
    file: 'src/connection/connection.ts',
    find: "if (this.#parts.closing) return 'dropped'",
    replace: '',
  },
  { row: '5.5.1-7', file: 'src/connection/ending.ts', find: "this.#answerClose(body.code, '')", replace: '' },
  {
    row: '5.5.1-10',
    file: 'src/connection/outbox.ts',
    find: 'else this.#queue.addFrames(encoder => encoder.writeFrame(true, 0, Opcode.close, body))',
    replace: 'else this.writeControl(Opcode.close, body)',
  },
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
  {
    row: '5.5.2-2',
    file: 'src/connection/receiver.ts',
    find: 'this.#parts.sender.outbox.writePong(payload)',
    replace: '',
  },
  {
    row: '5.5.3-1',
    file: 'src/connection/receiver.ts',
    find: 'this.#parts.sender.outbox.writePong(payload)',
    replace: 'this.#parts.sender.outbox.writePong(Buffer.alloc(0))',
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
    find: "if (this.#parts.closing) return 'dropped'",
    replace: '',
  },
  {
    row: '6.1-3',
    file: 'src/connection/ending.ts',
    find: 'this.octetsDropped += this.#parts.sender.outbox.dropQueued()',
    replace: '',
  },
  {
    row: '6.2-3',
    file: 'src/connection/message-assembler.ts',
    find: 'this.#opcode = frame.opcode',
    replace: 'this.#opcode = Opcode.binary',
  },
  { row: '7.1.2-1', file: 'src/connection/ending.ts', find: 'this.#parts.sender.outbox.writeClose(body)', replace: '' },
  {
    row: '7.1.7-5',
    file: 'src/connection/ending.ts',
    find: 'this.#answerClose(error.statusCode, reason)',
    replace: '',
  },
  {
    row: '7.1.7-6',
    file: 'src/connection/ending.ts',
    find: 'if (this.facts.closeSent !== undefined) return\n',
    replace: '',
  },
  {
    row: '7.1.7-7',
    file: 'src/connection/ending.ts',
    find: 'this.facts.failed = true\n    this.#parts.usedReceiver?.stop()',
    replace: 'this.facts.failed = true',
  },
  {
    row: '8.1-1',
    file: 'src/connection/message-assembler.ts',
    find: 'if (!this.#utf8.push(chunk, start, end)) throw invalidText()',
    replace: 'this.#utf8.push(chunk, start, end)',
  },
  {
    row: '10.4-2',
    file: 'src/connection/message-assembler.ts',
    find: ': sizeOnTheWire(limit)) - this.#size',
    replace: ': sizeOnTheWire(limit))',
  },
  {
    row: 'E3227',
    file: 'src/connection/ending.ts',
    find: "this.start(StatusCode.internalError, '', late)",
    replace: "this.start(StatusCode.goingAway, '', late)",
  },
]
