/**
 * RFC 6455 §10.4: the limit that the endpoint under test is said to have (`--max-message`) holds, to the octet. Without being
 * told of one nobody can say which limit is kept: see 10-robustness.ts.
 */
import { Opcode } from '../../framing/frame-header.js'
import type { Case, Profile } from '../case.js'
import { binary, fragments } from '../frame-parts.js'
import { rawDeflate } from '../raw-deflate.js'
import { SeededOctets } from '../seeded-octets.js'
import { awaitFailure } from '../steps/closing.js'
import { sendCompressed } from '../steps/deflating.js'
import { echo } from '../steps/echo.js'
import { sendFrames } from '../steps/sending.js'

const requirement =
  'Implementations that have implementation- and/or platform-specific limitations regarding the frame size or total message size after reassembly from multiple frames MUST protect themselves against exceeding those limits.'

/** As many fragments as that, whatever the limit. */
const parts = 8

/**
 * The cases of a limit.
 *
 * @param limit - the most octets that a message may have.
 * @param profile - they belong to.
 */
export function declaredLimitCases(limit: number, profile: Profile): Case[] {
  const content = (size: number) => new SeededOctets(limit).take(size)
  const cut = () => {
    const payload = content(limit + 1)
    const size = Math.ceil(payload.length / parts)
    const pieces = Array.from({ length: parts }, (_, i) => payload.subarray(i * size, (i + 1) * size))
    return fragments(Opcode.binary, pieces)
  }
  const beyond = `${limit + 1} octets, one more than it is said to take`
  const rows: Pick<Case, 'id' | 'title' | 'steps' | 'extension'>[] = [
    {
      id: '6455/10.4/message-of-the-declared-limit',
      title: `a message of ${limit} octets, as many as it is said to take`,
      steps: () => echo(binary(content(limit))),
    },
    {
      id: '6455/10.4/message-beyond-the-declared-limit',
      title: `a message of ${beyond}`,
      steps: () => [sendFrames(binary(content(limit + 1))), awaitFailure(1009)],
    },
    {
      id: '6455/10.4/fragments-beyond-the-declared-limit',
      title: `a message in ${parts} fragments, together of ${beyond}`,
      steps: () => [sendFrames(...cut()), awaitFailure(1009)],
    },
    {
      id: '6455/10.4/endless-message-beyond-the-declared-limit',
      title: `fragments of a message that never ends, together of ${beyond}`,
      steps: () => [sendFrames(...cut().map(part => ({ ...part, fin: false }))), awaitFailure(1009)],
    },
    {
      id: '6455/10.4/compressed-message-beyond-the-declared-limit',
      title: `a compressed message that inflates to ${beyond}`,
      extension: rawDeflate(),
      steps: () => [sendCompressed({ opcode: Opcode.binary, payload: Buffer.alloc(limit + 1) }), awaitFailure(1009)],
    },
  ]
  return rows.map(
    (row): Case => ({ ...row, requirement, level: 'MUST', profile, large: false, segmentations: ['whole'] }),
  )
}
