/** The generator counts frames however they are cut. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { FrameCounter } from '../../bench/generator/frame-counter.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'

t.test('frames of all lengths, cut anywhere', async t => {
  const sizes = fc.array(fc.oneof(fc.nat(130), fc.nat(70_000)), { maxLength: 5 })
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(200_000), { maxLength: 8 }), (payloads, places) => {
      const octets = Buffer.concat(payloads.map(size => buildRawFrame({ opcode: 2, payload: Buffer.alloc(size) })))
      const cuts = [...places.map(place => place % (octets.length + 1)), octets.length].sort((a, b) => a - b)
      const counter = new FrameCounter()
      let frames = 0
      let at = 0
      for (const cut of cuts) {
        const chunk = Buffer.concat([octets.subarray(at, cut), Buffer.from('behind')])
        frames += counter.count(chunk, cut - at)
        at = cut
      }
      assert.equal(frames, payloads.length)
    }),
  )
  t.pass()
})
