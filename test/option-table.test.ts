// Options are those there are, an object's own or inherited, but for what everything inherits.
import t from 'tap'
import { readLimits } from '../src/connection/limits.js'
import { UsageError } from '../src/errors.js'
import { checkedWhereUsed, isBoolean, isFunction, isObject, must, readOptions } from '../src/option-table.js'

interface Options {
  readonly a?: boolean | undefined
  readonly b?: unknown
}

const table = { a: must(isBoolean, '4.1', 'a boolean'), b: checkedWhereUsed }
const read = (given: unknown) => readOptions<Options>('options', given, table, '4.1')

t.test('every option of the table is there, undefined where none was given', async t => {
  t.strictSame(read({ a: true }), { a: true, b: undefined })
  t.strictSame(read({ a: undefined }), { a: undefined, b: undefined })
  t.strictSame(read(Object.assign(Object.create(null), { b: 1 })), { a: undefined, b: 1 })
})

t.test('what is none is refused, with its name', async t => {
  t.throws(() => read({ c: undefined }), { code: 'WS_INVALID_OPTION', section: '4.1', message: /no option 'c'/ })
  t.throws(() => read({ a: 5 }), { code: 'WS_INVALID_OPTION', message: 'a is a boolean' })
  for (const given of [null, undefined, 5, 'x', true, [], () => {}]) t.throws(() => read(given), UsageError)
})

t.test('what is inherited counts as what is given', async t => {
  class Defaults {
    get a() {
      return true
    }
    help() {}
  }
  t.equal(read(new Defaults()).a, true)
  t.equal(read(Object.create({ a: true })).a, true)
  t.equal(read(Object.create({ a: true }, { a: { value: false } })).a, false)
  t.throws(() => read(Object.create({ c: 1 })), { code: 'WS_INVALID_OPTION', message: /no option 'c'/ })
  t.throws(() => read(Object.create({ a: 5 })), { code: 'WS_INVALID_OPTION', message: 'a is a boolean' })
})

t.test('what Object.prototype was given is no option', async t => {
  const polluted = Object.prototype as { a?: unknown; maxMessageSize?: unknown }
  t.teardown(() => {
    delete polluted.a
    delete polluted.maxMessageSize
  })
  polluted.a = 5
  polluted.maxMessageSize = 5
  t.equal(read({}).a, undefined)
  t.equal(readLimits('server').maxMessageSize, 1024 * 1024)
})

t.test('the checks', async t => {
  t.ok(isBoolean(false) && isFunction(() => {}) && isObject({}))
  t.notOk(isBoolean(0) || isFunction({}) || isObject(null) || isObject([]) || isObject('x'))
})
