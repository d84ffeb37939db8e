/**
 * Masking of long runs on SIMD registers: RFC 6455 §5.3 by a small WebAssembly module, through which the octets are copied, or
 * in whose memory they lie already. Where WebAssembly is missing or forbidden there is none, and masking.ts goes on by itself.
 */

/**
 * The module that masking.wat says, compiled: test/framing/simd-masking.test.ts compiles it anew and compares.
 *
 * @internal
 */
export const compiledModule =
  'AGFzbQEAAAABBwFgA39/fwADAgEABQMBAAYHEQIGbWVtb3J5AgAEbWFzawAAClwBWgEBeyAC/REhAwNAIAAgAP0ABAAgA/1R/QsEACAAIAD9AAQQIAP9' +
  'Uf0LBBAgACAA/QAEICAD/VH9CwQgIAAgAP0ABDAgA/1R/QsEMCAAQcAAaiIAIAFJDQALCw=='

/** What is used of the global WebAssembly; Node's types have no more of it than its name. */
export interface Assembly {
  readonly Module: new (octets: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: SimdExports }
}

interface SimdExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly mask: (start: number, end: number, key: number) => void
}

/**
 * Masks source[start, start + length) with this key, into target[at, …), which may be the same place.
 *
 * @returns false where there is no WebAssembly: nothing was done.
 */
export type SimdMask = (
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  at: number,
  length: number,
  key: number,
) => boolean

export interface SimdMasking {
  readonly move: SimdMask
  /**
   * Memory of the module that is free for octets which are to be masked: 256 KiB. Nobody can take it away, as can be done to the
   * memory of an ArrayBuffer by transferring it. Undefined where there is no WebAssembly.
   */
  readonly memory: Buffer | undefined
  /** Masks memory.buffer[start, end): 64 octets or a multiple of that. */
  readonly stay: (start: number, end: number, key: number) => void
}

declare const WebAssembly: Assembly | undefined

/** So many octets go through the module's memory at a time: with what is read and written they stay in the nearest caches. */
const blockSize = 64 * 1024

const memorySize = 256 * 1024

/** The free memory begins at no multiple of 4 KiB: what is copied from one such place to another goes at two thirds of the speed. */
const skew = 1088

/** Makes one. `assembly`: the global WebAssembly, which may be missing, or forbidden to compile anything. */
export function createSimdMasking(
  assembly = typeof WebAssembly === 'undefined' ? undefined : WebAssembly,
): SimdMasking {
  const exports = instantiate(assembly)
  if (exports === undefined) return { move: () => false, memory: undefined, stay() {} }
  const { mask, memory } = exports
  const block = new Uint8Array(memory.buffer, 0, blockSize)
  const move: SimdMask = (source, start, target, at, length, key) => {
    for (let done = 0; done < length; done += blockSize) {
      const size = Math.min(length - done, blockSize)
      block.set(new Uint8Array(source.buffer, source.byteOffset + start + done, size))
      mask(0, size, key)
      target.set(size === blockSize ? block : new Uint8Array(memory.buffer, 0, size), at + done)
    }
    return true
  }
  return { move, memory: Buffer.from(memory.buffer, blockSize + skew, memorySize), stay: mask }
}

function instantiate(assembly: Assembly | undefined): SimdExports | undefined {
  try {
    const module = new assembly!.Module(Buffer.from(compiledModule, 'base64'))
    return new assembly!.Instance(module).exports
  } catch {
    return undefined
  }
}
