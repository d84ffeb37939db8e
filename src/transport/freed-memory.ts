/**
 * Has the allocator of C keep what is freed. Each plain read, and each large message, lies in memory of its own, and V8 frees many
 * at a time: glibc may give all of it back to the kernel, which then clears each page of it again, and faults it in, for the next
 * reads. It keeps twice as much as the largest block that was mapped for itself and freed (mallopt(3), M_TRIM_THRESHOLD), so one is.
 * CPU of a server for a message of 64 KiB, without and with it: 49.8 and 41.9 us, with reused reads 39.1 and 25.1; 1 KiB with 16
 * under way 1.29 and 1.09 (`npm run bench:peers -- --peers framewright,framewright-trimmed,ws --points KiB`).
 */

/** In octets. Nothing is written to it: it never is resident. 4 MiB are too few, and more than 16 gain nothing. */
const block = 16 * 1024 * 1024

/** In octets: of a read that says that much comes at a time. Who has none is not to hold what a burst of others left. */
const large = 16 * 1024

let done = false

/**
 * To be told the octets of each read; acts once in a process, at the first large one. From then on up to 32 MiB that are free may
 * stay resident. Whoever sets MALLOC_TRIM_THRESHOLD_ has the last word: glibc adapts nothing then. Other allocators take no notice.
 */
export function keepFreedMemory(octets: number): void {
  if (octets < large || done) return
  done = true
  Buffer.allocUnsafeSlow(block)
}
