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

/** What was exchanged, and what of it arrived whole. */
export class Matrix {
  readonly #rows = new Map<Row, string[]>()
  #passed = 0

  /** Marks that both ends of `row` had the same octets. */
  pass(row: Row, type: MessageType, size: number): void {
    const cells = this.#rows.get(row) ?? []
    cells.push(`${type} ${size}`)
    this.#rows.set(row, cells)
    this.#passed += 1
  }

  /** How many combinations passed. */
  get passed(): number {
    return this.#passed
  }

  /** A line per row, and the count. */
  toString(): string {
    const lines = [...this.#rows].map(([{ peer, transport, direction }, cells]) => {
      const counts = types.map(type => `${type} ${cells.filter(cell => cell.startsWith(type)).length}`)
      return `  ${peer.padEnd(30)} ${transport}  ${direction}  ${counts.join(', ')}`
    })
    const each = `each of ${types.join(' and ')} of ${sizes.join(', ')} octets`
    return ['interop matrix:', ...lines, `${this.#passed} combinations passed, ${each}`].join('\n')
  }
}
