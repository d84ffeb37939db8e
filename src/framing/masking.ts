/**
 * Masking: RFC 6455 §5.3 (Client-to-Server Masking) and §10.3 (why masking-keys must be unpredictable). Masks and
 * unmasks in place with a key that turns, so that a payload may come in any number of runs; and the default source of
 * masking-keys.
 *
 * A masking-key is a 32-bit integer here, its first octet on the wire in the lowest eight bits.
 */
import { randomFillSync } from 'node:crypto'
import { createSimdMasking, type SimdMasking } from './simd-masking.js'

/**
 * Gives a fresh masking-key for each frame: any 32-bit integer. §10.3: "The masking key needs to be unpredictable", so a
 * source that is not cryptographically random is for tests only.
 */
export type MaskingKeySource = () => number

// Below this many octets a view over words costs more than it saves, if it is made for them alone: bench/mask.bench.ts, 64
// octets 52 ns against 41, 96 octets 54 against 57.
const shortRun = 96

// Below this many octets stepping through them is quickest: bench/mask.bench.ts, 8 octets 9 ns either way.
const shortestRun = 8

/**
 * From this many octets SIMD registers pay for the copies to and fro: bench/mask.bench.ts, 1 KiB 129 ns against 113, 2 KiB 168
 * against 215, 64 KiB 2.5 us against 6.8.
 */
export const longRun = 1536

/** What is masked at once in the module's own memory, from which on it pays: bench/mask.bench.ts, 64 octets 9 ns against 16. */
const block = 64

// The octets of a word at either end of a run that belong to the run: from the first, second, … on, and before it. As octets,
// for the host's byte order is not ours to know.
const headMasks = wordsOfOctets(255, 255, 255, 255, 0, 255, 255, 255, 0, 0, 255, 255, 0, 0, 0, 255)
const tailMasks = wordsOfOctets(0, 0, 0, 0, 255, 0, 0, 0, 255, 255, 0, 0, 255, 255, 255, 0)

const littleEndian = wordsOfOctets(1, 0, 0, 0)[0] === 1

// Made when it is first needed: compiling takes 0.2 ms.
let simd: SimdMasking | undefined

// The module's own memory as words, once somebody uses it: see maskableMemory.
let maskable: Int32Array | undefined

/**
 * Masks or unmasks octets[start, end) in place (§5.3: the same operation both ways).
 *
 * @param octets - changed in place; nothing is kept.
 * @param key - the masking-key as it stands at `start`.
 * @returns the key as it stands at `end`: hand it in with the next run of the same payload.
 */
export function mask(octets: Uint8Array, start: number, end: number, key: number): number {
  if (end - start < shortRun) return maskOctets(octets, start, end, key)
  return maskRun(octets, wordsOf(octets), octets.byteOffset, start, end, key)
}

/** The memory that `octets` lie in, whole, as words: for {@link maskRun}, where there are several runs in it. */
export function wordsOf({ buffer }: Uint8Array): Int32Array {
  return buffer === maskable?.buffer ? maskable : new Int32Array(buffer, 0, buffer.byteLength >> 2)
}

/**
 * The same as {@link mask}, quicker by far for short runs.
 *
 * @param words - see {@link wordsOf}.
 * @param origin - octets.byteOffset, which takes 15 ns to ask for.
 */
export function maskRun(
  octets: Uint8Array,
  words: Int32Array,
  origin: number,
  start: number,
  end: number,
  key: number,
): number {
  const length = end - start
  if (length >= longRun || (words === maskable && length >= block)) {
    return maskLong(octets, words, origin, start, end, key)
  }
  if (length < shortestRun) return maskOctets(octets, start, end, key)
  return maskWords(octets, words, origin, start, end, key)
}

/** {@link maskRun} of what is long enough for SIMD registers; by itself, so that V8 inlines the rest. */
function maskLong(
  octets: Uint8Array,
  words: Int32Array,
  origin: number,
  start: number,
  end: number,
  key: number,
): number {
  if (words === maskable) return maskThere(octets, words, origin, start, end, key)
  simd ??= createSimdMasking()
  if (simd.move(octets, start, octets, start, end - start, key)) return turn(key, end - start)
  return maskWords(octets, words, origin, start, end, key)
}

/** {@link maskRun} where the octets lie in {@link maskableMemory}: whole blocks at once, and what is left over. */
function maskThere(
  octets: Uint8Array,
  words: Int32Array,
  origin: number,
  start: number,
  end: number,
  key: number,
): number {
  const rest = end - ((end - start) % block)
  simd!.stay(origin + start, origin + rest, key)
  return rest === end ? turn(key, end - start) : maskRun(octets, words, origin, rest, end, key)
}

/**
 * Memory of 256 KiB in which runs from 64 octets on are masked where they lie, several times as fast as elsewhere. There is
 * only one in the process; nobody can take it away from whoever has it. Undefined where there is no WebAssembly.
 */
export function maskableMemory(): Buffer | undefined {
  simd ??= createSimdMasking()
  if (simd.memory !== undefined) maskable ??= new Int32Array(simd.memory.buffer)
  return simd.memory
}

/**
 * Copies source[start, start + length) to target[at, …), masked or unmasked; the source stays as it is. Worth it from
 * {@link longRun} octets on.
 *
 * @param key - as of {@link mask}.
 * @returns as {@link mask}.
 */
export function maskInto(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  at: number,
  length: number,
  key: number,
): number {
  simd ??= createSimdMasking()
  if (simd.move(source, start, target, at, length, key)) return turn(key, length)
  target.set(source.subarray(start, start + length), at)
  return mask(target, at, at + length, key)
}

/** The same to the beginning of `target`, where nobody needs the source any more: it may be changed. */
export function maskAway(source: Uint8Array, start: number, target: Uint8Array, length: number, key: number): number {
  if (maskable === undefined || source.buffer !== maskable.buffer)
    return maskInto(source, start, target, 0, length, key)
  const turned = maskRun(source, maskable, source.byteOffset, start, start + length, key)
  target.set(source.subarray(start, start + length))
  return turned
}

/** @internal The same as {@link mask}, octet by octet. */
export function maskOctets(octets: Uint8Array, start: number, end: number, key: number): number {
  const k0 = key & 0xff
  const k1 = (key >>> 8) & 0xff
  const k2 = (key >>> 16) & 0xff
  const k3 = key >>> 24
  let i = start
  for (const quads = end - 3; i < quads; i += 4) {
    octets[i]! ^= k0
    octets[i + 1]! ^= k1
    octets[i + 2]! ^= k2
    octets[i + 3]! ^= k3
  }
  if (i < end) octets[i]! ^= k0
  if (i + 1 < end) octets[i + 1]! ^= k1
  if (i + 2 < end) octets[i + 2]! ^= k2
  return turn(key, end - start)
}

/** @internal The same as {@link maskRun}, word by word; of those at the ends only what belongs to the run changes. */
export function maskWords(
  octets: Uint8Array,
  words: Int32Array,
  origin: number,
  start: number,
  end: number,
  key: number,
): number {
  const from = origin + start
  const to = origin + end
  const word = wordOf(turn(key, -from))
  let at = from >> 2
  words[at]! ^= word & headMasks[from & 3]!
  const last = to >> 2
  at++
  for (const eights = last - 7; at < eights; at += 8) {
    words[at]! ^= word
    words[at + 1]! ^= word
    words[at + 2]! ^= word
    words[at + 3]! ^= word
    words[at + 4]! ^= word
    words[at + 5]! ^= word
    words[at + 6]! ^= word
    words[at + 7]! ^= word
  }
  for (; at < last; at++) words[at]! ^= word
  // The last word may not be whole in this memory.
  if (last < words.length) words[last]! ^= word & tailMasks[to & 3]!
  else maskOctets(octets, end - (to & 3), end, turn(key, -from))
  return turn(key, end - start)
}

/** @internal The key as the host reads its octets as a word; `little`: the first octet of a word is its lowest. */
export function wordOf(key: number, little = littleEndian): number {
  return little ? key : (key << 24) | ((key & 0xff00) << 8) | ((key >>> 8) & 0xff00) | (key >>> 24)
}

function wordsOfOctets(...octets: number[]): Int32Array {
  return new Int32Array(Uint8Array.from(octets).buffer)
}

/** The key after `octets` octets (before, if negative): its octets move down by as many places, round and round. */
function turn(key: number, octets: number): number {
  const shift = (octets & 3) * 8
  return shift === 0 ? key : (key >>> shift) | (key << (32 - shift))
}

/**
 * A source of masking-keys that draws from the operating system's generator, 2,048 keys at a time; each is used once.
 * bench/mask.bench.ts: 4 ns a key, against 1,400 ns when each is drawn alone.
 *
 * @param fill - fills the pool; by default `crypto.randomFillSync`.
 */
export function createMaskingKeySource(fill: (pool: Int32Array) => void = randomFillSync): MaskingKeySource {
  const pool = new Int32Array(2048)
  let next = pool.length
  return () => {
    if (next === pool.length) {
      fill(pool)
      next = 0
    }
    return pool[next++]!
  }
}

/** The default source, shared by all connections of the process. */
export const cryptographicMaskingKeys: MaskingKeySource = createMaskingKeySource()
