/**
 * Which of several shares a thing belongs to, by its number: the first of so many things are always divided as exactly as
 * whole things can be.
 *
 * @param number - from 0 on.
 * @param shares - each from 0 to 1, all together at most 1.
 * @returns the index of its share; their number where it belongs to none.
 */
export function deal(number: number, shares: readonly number[]): number {
  let place = number
  let left = 1
  for (const [index, share] of shares.entries()) {
    const part = share / left
    const before = whole(place * part)
    if (whole((place + 1) * part) > before) return index
    // Its number among those that are not of this share.
    place -= before
    left -= share
  }
  return shares.length
}

/** Twenty times 5 % is a little less than one, as numbers are kept. */
function whole(number: number): number {
  return Math.floor(number + 1e-9)
}
