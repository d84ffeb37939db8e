/** The list of cases, and which of them a selection means. */
import t from 'tap'
import { type Case, sectionOf } from '../../src/conformance/case.js'
import { allCases as cases } from '../../src/conformance/cases/all-cases.js'
import { proxyCases } from '../../src/conformance/cases/proxy.js'
import { selectRuns } from '../../src/conformance/selection.js'

const allCases = [...cases, ...proxyCases]

t.test('ids are RFC, section and name, and unique', async t => {
  t.same(
    allCases.map(({ id }) => id).filter(id => !/^\d{4}\/\d+(\.\d+)*\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id)),
    [],
  )
  t.equal(new Set(allCases.map(({ id }) => id)).size, allCases.length)
})

t.test('an Autobahn number stands for few cases', async t => {
  const numbers = allCases.flatMap(({ autobahn = [] }) => autobahn)
  t.same(
    numbers.filter(number => !/^\d+(\.\d+){2}$|^\d\.\d+$/.test(number)),
    [],
  )
  t.same(
    numbers.filter((number, i) => numbers.indexOf(number) < i),
    [],
  )
  t.equal(numbers.length, 517, 'all that there are')
})

t.test('the list is the same each time, and steps can be told without a connection', async t => {
  for (const one of allCases.filter(({ large }) => large !== true)) {
    const told = () =>
      one
        .steps({ tested: one.roles?.[0] === 'client' ? 'client' : 'server', seed: 1 })
        .map(({ kind, text }) => `${kind} ${text}`)
    t.same(told(), told(), one.id)
    t.not(told().length, 0)
  }
})

t.test('sections', async t => {
  const one = { id: '6455/5.5.1/x' } as Case
  t.equal(sectionOf(one), 'RFC 6455 §5.5.1')
  t.equal(sectionOf({ ...one, section: '7.4' }), 'RFC 6455 §7.4')
  t.equal(sectionOf({ ...one, section: 'RFC 9112 §5' }), 'RFC 9112 §5')
})

/** [which of them run whole only, why] */
const wholeOnly: [ids: RegExp, why: string][] = [
  [/^6455\/5\.2\/\w+-of-(4|8|16)-mib$|^6455\/5\.4\/\w+-of-4-mib-|flood-of-large-fragments$/, 'more than 1 MiB'],
  [/^6455\/6\.2\/thousand-\w+-messages-of-4-kib$/, '4 MiB together'],
  [/^6455\/6\.2\/thousand-\w+-messages-of-(0|16|64|256)$/, 'each fits into a piece'],
  [/-in-pieces(-of-.*)?$/, 'they are cut by themselves'],
  [/^7692\/5\/(?!.*-in-fragments-).*-of-(16|64|256|1024)$/, 'fits into a piece or two'],
  [/^7692\/5\/(default|no-takeover|window|three-offers)\b.*-of-/, 'where TCP cuts has nothing to do with agreements'],
  [/-(right-behind|sends?-a)-large-message$/, 'about what TCP does meanwhile'],
  [/slow-reader/, 'about what TCP does meanwhile'],
  [/^9110\/5\.4\/large-field$|^9112\/3\/long-target$/, 'who refuses a head has not read it all'],
]

t.test('large cases run in pieces as well, but for those that are named here', async t => {
  const large = allCases.filter(one => one.large === true)
  const roles = ['proxy', 'client', 'controlled client'] as const
  const runs = roles.flatMap(tested => selectRuns(large, { tested, profile: 'all' }))
  const cut = runs.filter(({ segmentation }) => segmentation === 'pieces').map(run => run.case.id)
  const whole = large.map(({ id }) => id).filter(id => !cut.includes(id))
  t.ok(cut.length > 100)
  t.same(
    whole.filter(id => !wholeOnly.some(([ids]) => ids.test(id))),
    [],
  )
  for (const [ids, why] of wholeOnly) {
    t.ok(
      whole.some(id => ids.test(id)),
      why,
    )
    t.notOk(
      cut.some(id => ids.test(id)),
      why,
    )
  }
})

const base = { title: '', requirement: '', level: 'MUST', steps: () => [] } as const
const some: readonly Case[] = [
  { ...base, id: '6455/5.5.1/a', autobahn: ['7.1.1'] },
  { ...base, id: '6455/5.5.1/b', profile: 'strict', large: true },
  { ...base, id: '6455/5.5/a', roles: ['client'] },
  { ...base, id: '6455/9/big', profile: 'limits', segmentations: ['whole'] },
]

t.test('selections', async t => {
  const rows: [selection: Partial<Parameters<typeof selectRuns>[1]>, ids: string[]][] = [
    [{}, ['6455/5.5.1/a']],
    [{ tested: 'client' }, ['6455/5.5.1/a', '6455/5.5/a']],
    [
      { profile: 'strict' },
      [
        '6455/5.5.1/a',
        '6455/5.5.1/a@frames',
        '6455/5.5.1/a@octets',
        '6455/5.5.1/a@joined',
        '6455/5.5.1/b',
        '6455/5.5.1/b@pieces',
      ],
    ],
    [{ profile: 'limits' }, ['6455/9/big']],
    [{ profile: 'deflate' }, []],
    [{ wanted: ['7.1.1'] }, ['6455/5.5.1/a', '6455/5.5.1/a@frames', '6455/5.5.1/a@octets', '6455/5.5.1/a@joined']],
    [{ wanted: ['6455/9'] }, ['6455/9/big']],
    [{ wanted: ['6455'], profile: 'limits' }, ['6455/9/big']],
    [{ wanted: ['6455/5'], unwanted: ['*@*'] }, ['6455/5.5.1/a', '6455/5.5.1/b']],
    [{ wanted: ['6455/5.5.1/?@octets'] }, ['6455/5.5.1/a@octets']],
    [{ wanted: ['6455/5x5'] }, []],
    [{ wanted: ['*a'], profile: 'core' }, ['6455/5.5.1/a']],
  ]
  for (const [selection, ids] of rows) {
    const runs = selectRuns(some, { tested: 'server', ...selection })
    t.same(
      runs.map(({ id }) => id),
      ids,
      JSON.stringify(selection),
    )
  }
})
