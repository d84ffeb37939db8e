/**
 * Has every connection on a socket read as with `reads: 'reused'`, and every connection without one take its chunks as lent;
 * spoils what was lent as soon as its time is over, so that whoever kept something of it has nonsense. Import it before any
 * test.
 */
import { Connection } from '../../src/connection/connection.js'
import { sharedReusedReads } from '../../src/transport/reused-reads.js'
import { SocketDriver } from '../../src/transport/socket-driver.js'

/** Neither in a legal text, nor in a legal header. */
const poison = 0xff

const { onData, start } = SocketDriver.prototype
const { receive } = Connection.prototype

await sharedReusedReads.triedFor('reused')

/** How often something was lent: that it was must be seen by a test. */
export let loans = 0

SocketDriver.prototype.start = function (this: SocketDriver, head, later) {
  this.reuseReads()
  start.call(this, head, later)
}

SocketDriver.prototype.onData = function (this: SocketDriver, chunk, lent) {
  onData.call(this, chunk, lent)
  if (!lent) return
  loans++
  chunk.fill(poison)
}

Connection.prototype.receive = function (this: Connection, chunk, now, lent) {
  // What is no Buffer is the caller's fault, as ever.
  if (lent || !Buffer.isBuffer(chunk)) return receive.call(this, chunk, now, lent)
  const loan = Buffer.from(chunk)
  const taken = receive.call(this, loan, now, true)
  loan.fill(poison)
  return taken
}
