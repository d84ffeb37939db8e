/** What it costs to decode a text and to know that it is UTF-8: src/framing/utf8.ts. */
import { isAscii, isUtf8 } from 'node:buffer'
import { decodeText, Utf8Validator } from '../src/framing/utf8.js'
import type { Contestant, Point, Question, Ws } from './question.js'
import { type Script, textOf } from './sample-text.js'

export const utf8Question: Question = {
  name: 'utf8',
  about: 'decoding a text (one operation: a text), and checking one that comes in runs (one operation: 64 KiB)',
  points: ws => [
    ...[8, 20, 125, 512, 1024, 1025, 2048, 16_384, 65_536].map(size => decodePoint('ascii', size, ws)),
    ...[20, 125, 1024, 16_384].map(size => decodePoint('latin', size, ws)),
    ...[20, 48, 125, 1024, 16_384].map(size => decodePoint('cyrillic', size, ws)),
    ...[20, 125, 1024, 16_384].map(size => decodePoint('cjk', size, ws)),
    ...[20, 125, 1024, 16_384].map(size => decodePoint('emoji', size, ws)),
    ...[20, 47, 48, 64, 80, 96, 125, 1024, 16_384].flatMap(run => [
      runsPoint('ascii', run, ws),
      runsPoint('cjk', run, ws),
    ]),
  ],
}

function decodePoint(script: Script, size: number, ws: Ws | undefined): Point {
  const operations = Math.max(1, Math.min(256, Math.floor(262_144 / size)))
  const text = textOf(script, size)
  const chunk = Buffer.concat([Buffer.alloc(6), text])
  const [start, end] = [6, 6 + size]
  const each = (work: () => unknown) => () => {
    for (let i = 0; i < operations; i++) work()
  }
  const contestants: Contestant[] = [
    { name: 'framewright', run: each(() => decodeText(chunk, start, end)) },
    { name: 'never by hand', run: each(() => decodeText(chunk, start, end, false)) },
    { name: 'decode, then U+FFFD', run: each(() => decodeThenAsk(chunk, start, end)) },
    { name: 'isAscii, then latin1', run: each(() => asciiFirst(chunk, start, end)) },
    {
      name: 'isUtf8, then decode',
      run: each(() => isUtf8(chunk.subarray(start, end)) && chunk.toString('utf8', start, end)),
    },
  ]
  if (ws !== undefined) {
    // As its receiver does: the payload is a view, checked, then decoded.
    const decode = () => {
      const payload = chunk.subarray(start, end)
      return ws.isValidUTF8(payload) && payload.toString()
    }
    contestants.push({ name: 'ws', run: each(decode) })
  }
  return { name: `${script}, ${size} octets`, operations, contestants }
}

function decodeThenAsk(octets: Buffer, start: number, end: number): string | undefined {
  const text = octets.toString('utf8', start, end)
  return text.includes('\ufffd') && !isUtf8(octets.subarray(start, end)) ? undefined : text
}

function asciiFirst(octets: Buffer, start: number, end: number): string | undefined {
  const run = octets.subarray(start, end)
  if (isAscii(run)) return octets.toString('latin1', start, end)
  return isUtf8(run) ? octets.toString('utf8', start, end) : undefined
}

/** 64 KiB in runs of this size, each checked as it comes. */
function runsPoint(script: Script, run: number, ws: Ws | undefined): Point {
  const text = textOf(script, 65_536)
  const runs = Array.from({ length: Math.ceil(65_536 / run) }, (_, i) => text.subarray(i * run, (i + 1) * run))
  const contestants: Contestant[] = [
    {
      name: 'framewright',
      run() {
        const validator = new Utf8Validator()
        for (const part of runs) validator.push(part, 0, part.length)
      },
    },
    {
      name: 'octet by octet',
      run() {
        const validator = new Utf8Validator()
        // In short runs the validator steps through them: so it never does anything else.
        for (const part of runs)
          for (let at = 0; at < part.length; at += 32) validator.push(part, at, Math.min(at + 32, part.length))
      },
    },
  ]
  if (ws !== undefined) {
    // ws checks the whole message at its end, and is not fail-fast.
    contestants.push({ name: 'ws', run: () => void ws.isValidUTF8(Buffer.concat(runs, 65_536)) })
  }
  return { name: `${script}, runs of ${run}`, operations: 1, contestants }
}
