/** RFC 7692 §7.1 read plainly: what a parameter may be, and what an answer may be to an offer. */

export type Parameters = ReadonlyArray<readonly [name: string, value: string | undefined]>

const values: Readonly<Record<string, RegExp>> = {
  server_no_context_takeover: /^absent$/,
  client_no_context_takeover: /^absent$/,
  server_max_window_bits: /^=([89]|1[0-5])$/,
  client_max_window_bits: /^=([89]|1[0-5])$/,
}

/** Nothing in it is undefined, invalid or there twice (§7). */
export function isWellFormed(parameters: Parameters, offer: boolean): boolean {
  const names = parameters.map(([name]) => name)
  if (new Set(names).size !== names.length) return false
  return parameters.every(([name, value]) => {
    if (offer && name === 'client_max_window_bits' && value === undefined) return true
    return Object.hasOwn(values, name) && values[name]!.test(value === undefined ? 'absent' : `=${value}`)
  })
}

/** The answer keeps to what the offer demands (§7.1.1.1, §7.1.2.1, §7.1.2.2). */
export function isMet(offer: Parameters, answer: Parameters): boolean {
  const [asked, said] = [new Map(offer), new Map(answer)]
  if (asked.has('server_no_context_takeover') && !said.has('server_no_context_takeover')) return false
  if (said.has('client_max_window_bits') && !asked.has('client_max_window_bits')) return false
  return ['server_max_window_bits', 'client_max_window_bits'].every(name => {
    const [most, is] = [asked.get(name), said.get(name)]
    if (most === undefined) return true
    // The client's own is a hint: the server may say nothing.
    return is === undefined ? name.startsWith('client') : Number(is) <= Number(most)
  })
}
