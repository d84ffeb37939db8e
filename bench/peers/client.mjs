/**
 * A program whose clients are measured: they send back what they are sent. A line of stdin is `{ url, connections }`: so
 * many connect; it is the server that ends them.
 */
import { hearLines, tell } from './serve.mjs'

export function clients(connect) {
  hearLines(line => {
    const { url, connections } = JSON.parse(line)
    for (let i = 0; i < connections; i++) void connect(url)
  })
  tell({ ready: true })
}
