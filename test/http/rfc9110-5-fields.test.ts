/**
 * RFC 9110 §5: header fields keep their order, are found in any case, and may repeat.
 */
import t from 'tap'
import { Fields } from '../../src/http/fields.js'

function fieldsOf(...lines: [name: string, value: string][]): Fields {
  const fields = new Fields()
  for (const [name, value] of lines) fields.append(name, value)
  return fields
}

t.test('RFC 9110 §5.1 "Field names are case-insensitive"', async t => {
  const fields = fieldsOf(['Host', 'a'], ['UPGRADE', 'websocket'])
  t.equal(fields.get('hOST'), 'a')
  t.equal(fields.get('upgrade'), 'websocket')
  t.equal(fields.has('Upgrade'), true)
  t.equal(fields.has('Up'), false)
  t.equal(fields.get('cookie'), undefined)
})

t.test('RFC 9110 §5.2 repeated fields: counted, listed and joined in order', async t => {
  const fields = fieldsOf(['A', '1'], ['b', '2'], ['a', '3'], ['A', ''])
  t.equal(fields.count('a'), 3)
  t.equal(fields.count('c'), 0)
  t.equal(fields.get('a'), '1, 3, ')
  t.same(fields.getAll('a'), ['1', '3', ''])
  t.same(fields.getAll('c'), [])
  t.equal(fields.size, 4)
  t.same(
    [...fields],
    [
      ['A', '1'],
      ['b', '2'],
      ['a', '3'],
      ['A', ''],
    ],
  )
})

t.test('H-33 X-10 X-13 names of Object.prototype are names like any other', async t => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']
  for (const name of names) {
    t.equal(new Fields().get(name), undefined, `${name} is not inherited`)
    t.equal(new Fields().has(name), false)
    t.equal(fieldsOf([name, 'x']).get(name), 'x', `${name} round trips`)
  }
  t.equal(({} as Record<string, unknown>)['x'], undefined)
  t.equal(Object.getPrototypeOf({}), Object.prototype)
})
