/** How much V8 makes one function of, while this process loads a server. */
import { setFlagsFromString } from 'node:v8'

/**
 * Octets of bytecode. V8 stops at 920, half the way of a message through the generator: the rest is called, with numbers as objects,
 * and a message costs a tenth more (bench:load); in return the first half second is spent on compiling, twice as long as else. It is
 * of the whole process, so only a command may do it.
 */
const most = 5000

/** @param set - sets a flag of V8. */
export function inlineMore(set = setFlagsFromString): void {
  set(`--max-inlined-bytecode-size-cumulative=${most}`)
}
