/** Ways to break RFC 7692: permessage-deflate (`src/extensions/`, and what it asks of connections). */
import type { Mutation } from './mutation.js'

const negotiation = 'src/extensions/negotiation.ts'
const parameters = 'src/extensions/permessage-deflate.ts'
const messages = 'src/extensions/deflate-messages.ts'
const transforms = 'src/extensions/message-transforms.ts'
const assembler = 'src/connection/message-assembler.ts'
const deflate = 'src/extensions/deflate.ts'

export const compressionMutations: readonly Mutation[] = [
  {
    row: '7692/5-2',
    file: parameters,
    find: 'return this.#choices.map(({ server, client }) => [',
    replace: 'return this.#choices.slice(0, 1).map(({ server, client }) => [',
  },
  {
    row: '7692/5-3',
    file: parameters,
    find: "...format('server', { keeps: server.keeps, bits: below15(server.bits) }),\n      ...format('client'",
    replace: "...format('client'",
  },
  {
    row: '7692/5-6',
    file: parameters,
    find: 'Math.min(server.bits, asked.server.bits)',
    replace: 'server.bits',
  },
  {
    row: '7692/5-7',
    file: negotiation,
    find: 'if (extension === undefined || isTaken(extension, agreed)) continue',
    replace: 'if (extension === undefined || agreed.some(one => one.extension === extension)) continue',
  },
  {
    row: '7692/5-8',
    file: negotiation,
    find: '(other.rsv & extension.rsv) !== 0',
    replace: 'false',
  },
  {
    row: '7692/5-12',
    file: parameters,
    find: 'return this.#chosen(read(answer)) !== undefined',
    replace: 'return true',
  },
  { row: '7692/6.1-1', file: transforms, find: 'this.rsv |= stage.rsv', replace: 'this.rsv = 0' },
  { row: '7692/6.1-2', file: transforms, find: '      this.rsv = 0\n', replace: '' },
  {
    row: '7692/6.1-3',
    file: 'src/connection/outbox.ts',
    find: 'message.first ? this.#transforms!.rsv : 0',
    replace: 'this.#transforms!.rsv',
    test: 'test/connection/7692.6-sending.test.ts',
  },
  {
    row: '7692/6.2-2',
    file: transforms,
    find: 'return this.#unmarked || rsv !== 0',
    replace: 'return true',
  },
  {
    row: '7692/6.2-1',
    file: assembler,
    find: 'if (rsv === undefined) this.#deliver(opcode, chunk, start, end)',
    replace: 'if (true) this.#deliver(opcode, chunk, start, end)',
  },
  {
    row: '7692/7-1',
    file: parameters,
    find: 'if (bits === undefined || direction.bits !== undefined) return undefined',
    replace: 'if (bits === undefined) return undefined',
  },
  {
    row: '7692/7-2',
    file: parameters,
    find: '      default:\n        return undefined\n',
    replace: '      default:\n        break\n',
  },
  {
    row: '7692/7.1.1.1-2',
    file: parameters,
    find: "...format('server', { keeps: server.keeps && asked.server.keeps, bits: serverBits })",
    replace: "...format('server', { keeps: server.keeps, bits: serverBits })",
  },
  {
    row: '7692/7.1.2.1-2',
    file: parameters,
    find: '&& String(bits) === value ? bits',
    replace: '? bits',
  },
  { row: '7692/7.1.2.1-3', file: parameters, find: 'bits >= 8 &&', replace: 'bits >= 7 &&' },
  {
    row: '7692/7.1.2.2-5',
    file: parameters,
    find: 'asked.client.bits === undefined ? undefined : below15(Math.min(client.bits, asked.client.bits))',
    replace: 'below15(Math.min(client.bits, asked.client.bits ?? largestWindowBits))',
  },
  {
    row: '7692/7.2.1-5',
    file: messages,
    find: 'if (!message.fin) return deflated\n',
    replace: '',
  },
  {
    row: '7692/7.2.1-6',
    file: 'src/extensions/deflate-options.ts',
    find: 'const windowBits = within(8, largestWindowBits)',
    replace: 'const windowBits = within(8, 16)',
  },
  {
    row: '7692/7.2.1-7',
    file: 'src/extensions/spare-contexts.ts',
    find: '      context.reset()\n',
    replace: '',
  },
  {
    row: '7692/7.2.1-12',
    file: deflate,
    find: '{ ...compression, windowBits: 9 }',
    replace: '{ ...compression, windowBits: 10 }',
  },
  {
    row: '7692/7.2.2-1',
    file: messages,
    find: 'settings.keepsIncoming ? undefined : spareInflaters',
    replace: 'true ? undefined : spareInflaters',
  },
  {
    row: '7692/7.2.2-2',
    file: messages,
    find: 'settings.keepsIncoming ? undefined : spareInflaters',
    replace: 'false ? undefined : spareInflaters',
  },
  {
    row: '7692/7.2.2-6',
    file: deflate,
    find: 'new HandleInflater(windowBits, window) : new CallInflater(windowBits, window)',
    replace: 'new HandleInflater(15, window) : new CallInflater(15, window)',
  },
  {
    row: '7692/7.2.2-7',
    file: parameters,
    find: 'incomingWindowBits: incoming.bits ?? largestWindowBits',
    replace: 'incomingWindowBits: incoming.bits ?? 14',
  },
]
