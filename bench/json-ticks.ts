/** Messages as a server of market data sends them: JSON of so many octets, alike but never the same. */

/** The number `n` of them, of exactly so many octets. */
export function jsonTick(n: number, size: number): Buffer {
  let text = tick(n)
  for (let more = 1; text.length < size; more++) text += tick(n * 17 + more)
  return Buffer.from(text.slice(0, size))
}

function tick(n: number): string {
  const price = 64_000 + ((n * 7919) % 9973) / 100
  const size = ((n * 31) % 977) / 1000
  const side = n % 2 === 0 ? 'buy' : 'sell'
  const time = 1_790_000_000_000 + n * 37
  return JSON.stringify({ type: 'tick', symbol: 'BTC-USD', price, size, side, time, seq: n, venue: 'x1', flags: ['a'] })
}
