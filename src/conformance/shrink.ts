/** Makes octets that an endpoint fails on fewer, as long as it still does (delta debugging, by Zeller). */

/**
 * Leaves out parts, from the half down to single octets, and tells after at most so many tries what is left.
 *
 * @param fails - whether the endpoint fails on these.
 */
export async function shrink(octets: Buffer, fails: (fewer: Buffer) => Promise<boolean>, tries = 100): Promise<Buffer> {
  let least = octets
  let left = tries
  for (let size = octets.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < least.length && left > 0; left--) {
      const fewer = Buffer.concat([least.subarray(0, at), least.subarray(at + size)])
      if (fewer.length > 0 && (await fails(fewer))) least = fewer
      else at += size
    }
  }
  return least
}
