/** Texts to measure with: so many octets of one script. */

const scripts = {
  ascii: 'abcdefghij',
  latin: 'abcdéfghüj',
  cyrillic: 'Съешь же ещё этих булок, ',
  cjk: '你好世界, 再见',
  emoji: '😀🚀👍🎉',
} as const

export type Script = keyof typeof scripts

/**
 * So many octets of text, cut at a character and filled up with ASCII.
 *
 * @param turn where in the sample it begins, so that texts of the same size differ.
 */
export function textOf(script: Script, size: number, turn = 0): Buffer {
  const characters = [...scripts[script]]
  const at = turn % characters.length
  const sample = [...characters.slice(at), ...characters.slice(0, at)].join('')
  const whole = Buffer.from(sample.repeat(Math.ceil(size / sample.length)))
  let end = size
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end--
  return Buffer.concat([whole.subarray(0, end), Buffer.alloc(size - end, 0x61)])
}
