/** UTF-8 as RFC 3629 §4 writes it down, one octet after the other: the twin of src/framing/utf8.ts. */

type Range = readonly [lowest: number, highest: number]

const tail: Range = [0x80, 0xbf]

/** UTF8-2, UTF8-3, UTF8-4: the ABNF, line by line. */
const sequences: ReadonlyArray<readonly Range[]> = [
  [[0xc2, 0xdf], tail],
  [[0xe0, 0xe0], [0xa0, 0xbf], tail],
  [[0xe1, 0xec], tail, tail],
  [[0xed, 0xed], [0x80, 0x9f], tail],
  [[0xee, 0xef], tail, tail],
  [[0xf0, 0xf0], [0x90, 0xbf], tail, tail],
  [[0xf1, 0xf3], tail, tail, tail],
  [[0xf4, 0xf4], [0x80, 0x8f], tail, tail],
]

/** What octets are, read as the beginning of a text. */
export interface Utf8Reading {
  /** The place of the first octet that no valid text can have there; -1 when there is none. */
  readonly wrongAt: number
  /** The text may end here. */
  readonly complete: boolean
}

export function readUtf8(octets: Uint8Array): Utf8Reading {
  let at = 0
  while (at < octets.length) {
    // UTF8-1, which is most of what is read.
    if (octets[at]! <= 0x7f) {
      at++
      continue
    }
    const sequence = sequences.find(([first]) => first![0] <= octets[at]! && octets[at]! <= first![1])
    if (sequence === undefined) return { wrongAt: at, complete: false }
    for (const [lowest, highest] of sequence) {
      if (at === octets.length) return { wrongAt: -1, complete: false }
      if (octets[at]! < lowest || octets[at]! > highest) return { wrongAt: at, complete: false }
      at++
    }
  }
  return { wrongAt: -1, complete: true }
}
