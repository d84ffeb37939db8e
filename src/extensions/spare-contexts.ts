/**
 * Deflaters and inflaters for connections that keep no window between messages: taken for one message, given back at its
 * end. So however many connections there are, there are as many as messages under way, and one spare of each kind.
 */
import { type Compression, createDeflater, createInflater, type Deflater, type Inflater } from './deflate.js'

export class SpareContexts<Context extends { reset(): void; close(): void }> {
  readonly #create: () => Context
  #spare: Context | undefined

  constructor(create: () => Context) {
    this.#create = create
  }

  /** One without a window. */
  take(): Context {
    const taken = this.#spare ?? this.#create()
    this.#spare = undefined
    return taken
  }

  /** At the end of its message. */
  give(context: Context): void {
    if (this.#spare !== undefined) context.close()
    else {
      context.reset()
      this.#spare = context
    }
  }
}

const deflaters = new Map<string, SpareContexts<Deflater>>()
const inflaters = new Map<number, SpareContexts<Inflater>>()

/** Of this process, for this compression. */
export function spareDeflaters(compression: Compression): SpareContexts<Deflater> {
  const { windowBits, level, memLevel } = compression
  return found(deflaters, `${windowBits} ${level} ${memLevel}`, () => createDeflater(compression))
}

/** Of this process, for this window. */
export function spareInflaters(windowBits: number): SpareContexts<Inflater> {
  return found(inflaters, windowBits, () => createInflater(windowBits))
}

function found<Key, Context extends { reset(): void; close(): void }>(
  all: Map<Key, SpareContexts<Context>>,
  key: Key,
  create: () => Context,
): SpareContexts<Context> {
  const existing = all.get(key)
  if (existing !== undefined) return existing
  const made = new SpareContexts(create)
  all.set(key, made)
  return made
}
