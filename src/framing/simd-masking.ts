/**
 * Masking of long runs on SIMD registers: RFC 6455 §5.3 by a small WebAssembly module, through which the octets are copied.
 * Where WebAssembly is missing or forbidden there is none, and masking.ts goes on by itself.
 */

/**
 * The module that masking.wat says, compiled: test/framing/simd-masking.test.ts compiles it anew and compares.
 *
 * @internal
 */
export const compiledModule =
  'AGFzbQEAAAABBgFgAn9/AAMCAQAFAwEAAgcRAgZtZW1vcnkCAARtYXNrAAAKXgFcAgF/AXsgAf0RIQMDQCACIAL9AAQAIAP9Uf0LBAAgAiAC/QAEECAD' +
  '/VH9CwQQIAIgAv0ABCAgA/1R/QsEICACIAL9AAQwIAP9Uf0LBDAgAkHAAGoiAiAASQ0ACws='

/** What is used of the global WebAssembly; Node's types have no more of it than its name. */
export interface Assembly {
  readonly Module: new (octets: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: SimdExports }
}

interface SimdExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly mask: (end: number, key: number) => void
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

declare const WebAssembly: Assembly | undefined

/** So many octets go through the module's memory at a time: with what is read and written they stay in the nearest caches. */
const blockSize = 64 * 1024

/** Makes one. `assembly`: the global WebAssembly, which may be missing, or forbidden to compile anything. */
export function createSimdMask(assembly = typeof WebAssembly === 'undefined' ? undefined : WebAssembly): SimdMask {
  const exports = instantiate(assembly)
  if (exports === undefined) return () => false
  const { mask, memory } = exports
  const block = new Uint8Array(memory.buffer, 0, blockSize)
  return (source, start, target, at, length, key) => {
    for (let done = 0; done < length; done += blockSize) {
      const size = Math.min(length - done, blockSize)
      block.set(new Uint8Array(source.buffer, source.byteOffset + start + done, size))
      mask(size, key)
      target.set(size === blockSize ? block : new Uint8Array(memory.buffer, 0, size), at + done)
    }
    return true
  }
}

function instantiate(assembly: Assembly | undefined): SimdExports | undefined {
  try {
    const module = new assembly!.Module(Buffer.from(compiledModule, 'base64'))
    return new assembly!.Instance(module).exports
  } catch {
    return undefined
  }
}
