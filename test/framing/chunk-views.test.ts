// RFC 6455 §6.2: views of a chunk, which are what Buffer.subarray gives.
import t from 'tap'
import { ChunkViews } from '../../src/framing/chunk-views.js'

t.test('6.2 a view is what subarray gives, of one chunk and of the next', async t => {
  const views = new ChunkViews()
  const memory = new ArrayBuffer(64)
  for (const chunk of [Buffer.from(memory, 8, 40), Buffer.from('twenty octets, or so'), Buffer.from(memory, 3, 5)]) {
    for (const [start, end] of [
      [0, chunk.length],
      [1, 4],
      [5, 5],
    ] as const) {
      const view = views.view(chunk, start, end)
      const expected = chunk.subarray(start, end)
      t.ok(Buffer.isBuffer(view))
      t.same(
        [view.buffer === expected.buffer, view.byteOffset, view.length, Object.getPrototypeOf(view)],
        [true, expected.byteOffset, expected.length, Buffer.prototype],
      )
    }
    views.forget()
  }
})
