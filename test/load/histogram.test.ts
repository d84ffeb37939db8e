/** Histograms beside the sorted list of the same times, beside the package's own decoder, and added up. */
import assert from 'node:assert/strict'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import t from 'tap'
import { Histogram, type HistogramState } from '../../src/load/histogram.js'

const milliseconds = fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 2e6, noNaN: true }))
const lists = fc.array(milliseconds, { maxLength: 300 })

function histogramOf(times: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const time of times) histogram.record(time)
  return histogram
}

/** Everything that is in it. */
function allOf(histogram: Histogram) {
  const { counts, ...rest } = histogram.state
  return { counts: Buffer.from(counts).toString('hex'), ...rest }
}

t.test('percentiles are those of the sorted list, to a thousandth and a microsecond', async t => {
  fc.assert(
    fc.property(lists, fc.double({ min: 0.001, max: 100, noNaN: true }), (times, percent) => {
      const histogram = histogramOf(times)
      const sorted = times.map(time => Math.round(time * 1000) / 1000).sort((a, b) => a - b)
      assert.equal(histogram.count, sorted.length)
      assert.equal(histogram.min, sorted[0] ?? 0)
      assert.equal(histogram.max, sorted.at(-1) ?? 0)
      const mean = sorted.reduce((sum, time) => sum + time, 0) / Math.max(1, sorted.length)
      assert.ok(Math.abs(histogram.mean - mean) <= 1e-9 * mean)
      const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length - 1e-9))
      const expected = sorted[rank - 1] ?? 0
      const found = histogram.percentile(percent)
      assert.ok(Math.abs(found - expected) <= expected / 1000 + 0.001, `${percent}: ${found}, not ${expected}`)
    }),
  )
  t.pass()
})

t.test('adding is associative and commutative, loses nothing, and an empty one adds nothing', async t => {
  fc.assert(
    fc.property(lists, lists, lists, (a, b, c) => {
      const whole = allOf(histogramOf([...a, ...b, ...c]))
      const sum = (...parts: Histogram[]) => {
        const all = new Histogram()
        for (const part of parts) all.add(part)
        return all
      }
      const [x, y, z] = [histogramOf(a), histogramOf(b), histogramOf(c)] as const
      for (const one of [sum(sum(x, y), z), sum(x, sum(y, z)), sum(z, y, x), sum(x, y, z, new Histogram())]) {
        assert.deepEqual(allOf(one), whole)
      }
    }),
  )
  t.pass()
})

t.test('its state makes the same one again', async t => {
  fc.assert(
    fc.property(lists, times => {
      const histogram = histogramOf(times)
      const again = Histogram.of(histogram.state)
      assert.deepEqual(allOf(again), allOf(histogram))
      assert.equal(again.percentile(90), histogram.percentile(90))
    }),
  )
  t.pass()
})

t.test('other implementations of HdrHistogram read it', async t => {
  fc.assert(
    fc.property(lists, times => {
      const histogram = histogramOf(times)
      const compressed = deflateSync(histogram.state.counts)
      const head = Buffer.alloc(8)
      head.writeInt32BE(0x1c849314, 0)
      head.writeInt32BE(compressed.length, 4)
      const read = decodeFromCompressedBase64(Buffer.concat([head, compressed]).toString('base64'))
      assert.equal(read.totalCount, histogram.count)
      for (const percent of [50, 99]) {
        const found = read.getValueAtPercentile(percent) / 1000
        const own = histogram.percentile(percent)
        assert.ok(found >= own && found - own <= own / 1000 + 0.001, `${percent}: ${found}, not ${own}`)
      }
    }),
    { numRuns: 50 },
  )
  t.pass()
})

t.test('what is below 0 counts as 0, what is longer than 35 minutes as that', async t => {
  const histogram = histogramOf([-1, 1e12])
  t.equal(histogram.min, 0)
  t.equal(histogram.max, (2 ** 31 - 1) / 1000)
  t.equal(histogram.percentile(50), 0)
  histogram.reset()
  t.same(allOf(histogram), allOf(new Histogram()))
  t.same([histogram.count, histogram.min, histogram.max, histogram.mean, histogram.percentile(50)], [0, 0, 0, 0, 0])
  const other = histogramOf([1])
  other.add(histogram)
  t.same(allOf(other), allOf(histogramOf([1])))
})

t.test('the table for plotters ends with the longest, and counts all', async t => {
  const table = histogramOf([1, 2, 3, 4]).distribution()
  t.match(table, /^ +Value +Percentile +TotalCount 1\/\(1-Percentile\)$/m)
  t.match(table, /^ +4\.\d+ +1\.0+ +4 *$/m)
  t.match(table, /Total count += +4\]/)
})

t.test('what is no such histogram is refused', async t => {
  const { counts, ...rest } = histogramOf([1, 2]).state
  const changed = (at: number, value: number): HistogramState => {
    const octets = Buffer.from(counts)
    octets.writeInt32BE(value, at)
    return { counts: octets, ...rest }
  }
  const bad: [string, HistogramState][] = [
    ['too short', { counts: counts.subarray(0, 39), ...rest }],
    ['cut', { counts: counts.subarray(0, -1), ...rest }],
    ['another cookie', changed(0, 7)],
    ['another length', changed(4, 7)],
    ['another precision', changed(12, 2)],
    ['another unit', changed(20, 1000)],
  ]
  for (const [name, state] of bad) t.throws(() => Histogram.of(state), { name: 'RangeError' }, name)
  // A count behind more empty buckets than there can be.
  const far = Buffer.concat([Buffer.from(counts).subarray(0, 40), Buffer.from('ffffff0102', 'hex')])
  far.writeInt32BE(5, 4)
  t.throws(() => Histogram.of({ counts: far, ...rest }), /35 minutes/)
})
