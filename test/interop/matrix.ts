/** The matrix of the interop tests: peer × TCP or TLS × direction × text or binary × size. */
import type { MessageType } from '../peers/payload.js'

export const transports = ['TCP', 'TLS'] as const
export const types: readonly MessageType[] = ['text', 'binary']

/** In octets: both sides of every border of the payload length (§5.2), and what takes many reads and writes. */
export const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_048_576, 16_777_216] as const

export type Transport = (typeof transports)[number]

/** A peer, how it is reached, and whose the client is. */
export interface Row {
  readonly peer: string
  readonly transport: Transport
  readonly direction: 'their client, our server' | 'our client, their server'
}

/** What is to be exchanged, and what of it arrived whole. */
export class Matrix {
  readonly #rows = new Map<Row, { started: boolean; readonly passed: string[] }>()

  /** Adds a row to what is to be done. */
  plan(row: Row): Row {
    this.#rows.set(row, { started: false, passed: [] })
    return row
  }

  /** Its peer is here: all of the row must pass. */
  start(row: Row): void {
    this.#rows.get(row)!.started = true
  }

  /** Both ends of `row` had the same octets. */
  pass(row: Row, type: MessageType, size: number): void {
    this.#rows.get(row)!.passed.push(`${type} ${size}`)
  }

  /** Combinations there are. */
  get planned(): number {
    return this.#rows.size * types.length * sizes.length
  }

  /** Combinations whose peers are not here. */
  get skipped(): number {
    return [...this.#rows.values()].filter(({ started }) => !started).length * types.length * sizes.length
  }

  get passed(): number {
    return [...this.#rows.values()].reduce((sum, { passed }) => sum + new Set(passed).size, 0)
  }

  /** A line per row, and the count. */
  toString(): string {
    const lines = [...this.#rows].map(([{ peer, transport, direction }, { started, passed }]) => {
      const counts = types.map(type => `${type} ${passed.filter(cell => cell.startsWith(type)).length}`)
      return `  ${peer.padEnd(24)} ${transport}  ${direction}  ${started ? counts.join(', ') : 'skipped'}`
    })
    const rest = `${this.skipped} skipped, of ${this.planned}`
    const each = `peer x TCP/TLS x direction x text/binary x ${sizes.join(', ')} octets`
    return ['interop matrix:', ...lines, `${this.passed} combinations passed, ${rest}: ${each}`].join('\n')
  }
}
