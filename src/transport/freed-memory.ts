/**
 * Has the allocator of C keep what is freed. Each plain read, and each large message, lies in memory of its own, and V8 frees many
 * at a time: glibc may give all of it back to the kernel, which then clears each page of it again, and faults it in, for the next
 * reads. It keeps twice as much as the largest block that was mapped for itself and freed (mallopt(3), M_TRIM_THRESHOLD), so one is.
 * CPU of the least server for a message, without and with it: 64 KiB 44.4 and 32.0 us, 16 KiB 14.8 and 11.0, 1 KiB with 16 under
 * way 1.32 and 0.89 (`npm run bench:peers -- --peers floor,floor-given-back,ws --points KiB`).
 */

/** In octets. Nothing is written to it: it never is resident. 4 MiB are too few, and more than 16 gain nothing. */
const block = 16 * 1024 * 1024

/** In octets: of a read that says that much comes at a time. Who has none is not to hold what a burst of others left. */
const large = 16 * 1024

let done = false

/**
 * To be told the octets of each read; acts once in a process, at the first large one. From then on what a burst took may stay
 * resident, as glibc has it anyhow once a large message was freed. Other allocators take no notice.
 */
export function keepFreedMemory(octets: number): void {
  if (octets < large || done) return
  done = true
  try {
    Buffer.allocUnsafeSlow(block)
  } catch {
    // There is no room for it: nothing is lost but speed.
  }
}
