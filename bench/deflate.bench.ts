/**
 * What it costs to compress a message and to inflate it: src/extensions, beside ws, and beside the other ways in which
 * zlib can be driven from JavaScript. Of the asynchronous ones the thread pool's time counts too.
 */
import { createRequire } from 'node:module'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { createDeflater, createInflater } from '../src/extensions/deflate.js'
import { DeflateMessages } from '../src/extensions/deflate-messages.js'
import { KeptDeflaters } from '../src/extensions/kept-deflaters.js'
import { jsonTick } from './json-ticks.js'
import type { Contestant, Point, Question, Ws } from './question.js'

const sizes = [149, 1024, 16_384]

/** Messages in a run: so many that a window has lost the first when they come again. */
function countOf(size: number): number {
  return Math.max(16, Math.ceil(81_920 / size))
}

const zlib = { windowBits: 15, level: 6, memLevel: 8 }
const whole = { first: true, fin: true, compress: true }
const target = Buffer.allocUnsafeSlow(1024 * 1024)

export const deflateQuestion: Question = {
  name: 'deflate',
  about: 'compressing and inflating JSON messages, windows kept or empty (one operation: a message)',
  points: ws =>
    sizes.flatMap(size => [true, false].flatMap(keeps => [compress(size, keeps, ws), inflate(size, keeps, ws)])),
}

/** What a stream of node:zlib has that is not public, as minizlib uses it. */
interface PrivateStream {
  _handle: { close: unknown }
  _processChunk(chunk: Buffer, flush: number): Buffer
  removeAllListeners(event: string): void
}

interface Mini {
  write(chunk: Buffer): void
  on(event: 'data', listener: () => void): void
  reset(): void
}

type MiniStream = new (options: object) => Mini

interface Minizlib {
  readonly DeflateRaw: MiniStream
  readonly InflateRaw: MiniStream
}

function minizlib(): Minizlib | undefined {
  try {
    return createRequire(new URL('../../bench/peers/index.js', import.meta.url))('minizlib') as Minizlib
  } catch {
    return undefined
  }
}

function messagesOf(size: number): Buffer[] {
  return Array.from({ length: countOf(size) }, (_, n) => jsonTick(n, size))
}

function settings(keeps: boolean): DeflateMessages {
  return new DeflateMessages({
    compression: zlib,
    keptDeflaters: keeps ? new KeptDeflaters(Number.POSITIVE_INFINITY) : undefined,
    incomingWindowBits: 15,
    keepsIncoming: keeps,
    threshold: 0,
    maxRatio: Number.POSITIVE_INFINITY,
    releaseAfter: Number.POSITIVE_INFINITY,
  })
}

function compress(size: number, keeps: boolean, ws: Ws | undefined): Point {
  const messages = messagesOf(size)
  const each = (work: (message: Buffer) => unknown) => () => messages.forEach(work)
  const transform = settings(keeps)
  const handle = createDeflater(zlib, 'handle')
  const calls = createDeflater(zlib, 'calls')
  const chunk = processed(createDeflateRaw(zlib))
  const contestants: Contestant[] = [
    { name: 'framewright', run: each(message => transform.encode(message, whole)) },
    {
      name: 'handle',
      run: each(message => {
        handle.deflate(message)
        if (!keeps) handle.reset()
      }),
    },
    {
      name: 'public calls',
      run: keeps
        ? each(message => calls.deflate(message))
        : each(message => deflateRawSync(message, { ...zlib, finishFlush: constants.Z_SYNC_FLUSH })),
    },
    {
      name: '_processChunk',
      run: each(message => {
        chunk.process(message)
        if (!keeps) chunk.reset()
      }),
    },
  ]
  const mini = minizlib()
  if (mini !== undefined) {
    const stream = new mini.DeflateRaw({ ...zlib, flush: constants.Z_SYNC_FLUSH })
    stream.on('data', () => {})
    contestants.push({
      name: 'minizlib',
      run: each(message => {
        stream.write(message)
        if (!keeps) stream.reset()
      }),
    })
  }
  const stream = createDeflateRaw(zlib).on('data', () => {})
  contestants.push({
    name: 'asynchronous stream',
    run: async () => {
      for (const message of messages) {
        await new Promise<void>(resolve => {
          stream.write(message)
          stream.flush(constants.Z_SYNC_FLUSH, resolve)
        })
        if (!keeps) stream.reset()
      }
    },
  })
  if (ws !== undefined) {
    const theirs = perMessageDeflate(ws, keeps)
    contestants.push({
      name: 'ws',
      run: async () => {
        for (const message of messages) {
          await new Promise<void>(resolve => theirs.compress(message, true, () => resolve()))
        }
      },
    })
  }
  return {
    name: `compress ${size} octets, window ${keeps ? 'kept' : 'empty'}`,
    operations: messages.length,
    contestants,
  }
}

function inflate(size: number, keeps: boolean, ws: Ws | undefined): Point {
  const deflater = createDeflater(zlib)
  const messages = messagesOf(size).map(message => {
    const deflated = Buffer.from(deflater.deflate(message).subarray(0, -4))
    if (!keeps) deflater.reset()
    return deflated
  })
  deflater.close()
  // The first of a run refers to nothing before it, so that a run can follow another.
  const each = (work: (message: Buffer) => unknown) => () => messages.forEach(work)
  const transform = settings(keeps)
  const handle = createInflater(15, 'handle')
  const calls = createInflater(15, 'calls')
  const chunk = processed(createInflateRaw())
  const contestants: Contestant[] = [
    { name: 'framewright', run: each(message => transform.decode(message, target.length)) },
    {
      name: 'handle',
      run: each(message => {
        handle.begin(message, target.length)
        while (!handle.done) handle.read(target, 0)
        if (!keeps) handle.reset()
      }),
    },
    {
      name: 'public calls',
      run: keeps
        ? each(message => {
            calls.begin(message, target.length)
            while (!calls.done) calls.read(target, 0)
          })
        : each(message => inflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH })),
    },
    {
      name: '_processChunk',
      run: each(message => {
        chunk.process(withTail(message))
        if (!keeps) chunk.reset()
      }),
    },
  ]
  const mini = minizlib()
  if (mini !== undefined) {
    const stream = new mini.InflateRaw({ flush: constants.Z_SYNC_FLUSH })
    stream.on('data', () => {})
    contestants.push({
      name: 'minizlib',
      run: each(message => {
        stream.write(withTail(message))
        if (!keeps) stream.reset()
      }),
    })
  }
  const stream = createInflateRaw().on('data', () => {})
  contestants.push({
    name: 'asynchronous stream',
    run: async () => {
      for (const message of messages) {
        await new Promise<void>(resolve => {
          stream.write(message)
          stream.write(tail)
          stream.flush(resolve)
        })
        if (!keeps) stream.reset()
      }
    },
  })
  if (ws !== undefined) {
    const theirs = perMessageDeflate(ws, keeps)
    contestants.push({
      name: 'ws',
      run: async () => {
        for (const message of messages) {
          await new Promise<void>(resolve => theirs.decompress(message, true, () => resolve()))
        }
      },
    })
  }
  return {
    name: `inflate ${size} octets, window ${keeps ? 'kept' : 'empty'}`,
    operations: messages.length,
    contestants,
  }
}

const tail = Buffer.from([0, 0, 0xff, 0xff])

/** As ws does it, for those who know nothing of messages. */
function withTail(message: Buffer): Buffer {
  return Buffer.concat([message, tail])
}

/** ws's own, agreed as it would be. */
function perMessageDeflate({ PerMessageDeflate }: Ws, keeps: boolean) {
  const theirs = new PerMessageDeflate({ threshold: 0, isServer: true, maxPayload: target.length })
  theirs.accept([keeps ? {} : { server_no_context_takeover: [true], client_no_context_takeover: [true] }])
  return theirs
}

/** A stream driven as minizlib drives it, and no more. */
function processed(stream: unknown): { process(message: Buffer): void; reset(): void } {
  const { _handle: handle } = stream as PrivateStream
  const { close } = handle
  return {
    process(message) {
      handle.close = () => {}
      const driven = stream as PrivateStream
      driven._processChunk(message, constants.Z_SYNC_FLUSH)
      driven._handle = handle
      handle.close = close
      driven.removeAllListeners('error')
    },
    reset: () => (handle as unknown as { reset(): void }).reset(),
  }
}
