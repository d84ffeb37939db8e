/**
 * A program whose clients are measured: they send back what they are sent. A line of stdin is `{ url, connections, again }`:
 * so many connect, and it is the server that ends them; with `again` each closes its connection as soon as that is open, and
 * opens another one when it has ended, until it is turned away.
 */
import { hearLines, tell } from './serve.mjs'

/** Connections that are asked for at a time: a server accepts no more than about 500 at once. */
const wave = 256

/**
 * @param connect resolves with what is open, and rejects if it is turned away.
 * @param close resolves when that has ended.
 */
export function clients(connect, close) {
  const repeat = async url => {
    for (;;) {
      const open = await connect(url).catch(() => undefined)
      if (open === undefined) return
      await close(open)
    }
  }
  const openAll = async (url, connections) => {
    for (let left = connections; left > 0; left -= wave) {
      await Promise.all(Array.from({ length: Math.min(left, wave) }, () => connect(url)))
    }
  }
  hearLines(line => {
    const { url, connections, again } = JSON.parse(line)
    if (again) for (let i = 0; i < connections; i++) void repeat(url)
    else void openAll(url, connections)
  })
  tell({ ready: true })
}
