/**
 * The text of an RFC as a set of hashes, one for each four words in a row: enough to see that a quotation is one, word for
 * word, without the text. `node build/test/conformance/word-windows.js rfc6455.txt > test/conformance/rfc6455.windows`
 * makes the file; it is of the text as the RFC Editor has it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const size = 4
const octets = 3

/** Its words: letters and digits, whatever stands between, so that neither line ends nor the margins of ABNF count. */
function wordsOf(text: string): string[] {
  return text.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
}

/** The hashes of each four words in a row; none where there are fewer. */
export function windowsOf(text: string): number[] {
  const words = wordsOf(text)
  return words.slice(size - 1).map((_, i) => {
    const hash = createHash('sha256').update(words.slice(i, i + size).join(' '))
    return hash.digest().readUIntBE(0, octets)
  })
}

/** What a file made of them holds. */
export function readWindows(file: Buffer): Set<number> {
  const windows = new Set<number>()
  for (let at = 0; at < file.length; at += octets) windows.add(file.readUIntBE(at, octets))
  return windows
}

/** @param text - of an RFC, with its page heads and feet. */
function fileOf(text: string): Buffer {
  const lines = text.split('\n').filter(line => !/\[Page \d+\]|^RFC \d+ .*\d{4}\s*$/.test(line))
  const windows = [...new Set(windowsOf(lines.join('\n')))].sort((a, b) => a - b)
  const file = Buffer.alloc(windows.length * octets)
  for (const [i, window] of windows.entries()) file.writeUIntBE(window, i * octets, octets)
  return file
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(fileOf(readFileSync(process.argv[2]!, 'latin1')))
}
