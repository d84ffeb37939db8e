/** `--mix`: a part of a mixed load: `80 echo 128`, `15 upload 1MiB`, `5 download {"get":"all"}`. */
import type { MixedPart } from '../../load/mix.js'
import { CommandError } from '../command-error.js'
import { parseWord } from '../quantity.js'
import { parseMessageSize } from './size-argument.js'

const form = /^\s*(\d+(?:\.\d+)?)\s*%?\s+(\S+)(?:\s+(.*\S))?\s*$/s

/**
 * Understands one.
 *
 * @throws CommandError
 */
export function parseMixedPart(text: string): MixedPart {
  const [, share, word = '', rest] = form.exec(text) ?? []
  if (share === undefined) {
    throw new CommandError(`--mix ${JSON.stringify(text)} is no share and a workload, such as '80 echo 128'`)
  }
  const workload = parseWord('--mix', word, ['echo', 'request', 'upload', 'download'] as const)
  const part = { share: Number(share), workload }
  if (workload === 'request' || workload === 'download') return { ...part, request: { message: rest ?? '' } }
  return rest === undefined ? part : { ...part, size: parseMessageSize('--mix', rest) }
}
