/** What becomes of a test whose peer is not installed: it says what installs it, and is skipped, or fails where peers must be. */
import t, { type Test } from 'tap'
import { type Installable, testWith } from '../peers/installable.js'

const here: Installable = { name: 'this one', installed: () => true, install: 'nothing' }
const missing: Installable = { name: 'that one', installed: () => false, install: 'sudo apt-get install that-one' }

/** What `testWith` asks of tap, as lines. */
async function asked(programs: readonly Installable[], required: string | undefined): Promise<string[]> {
  const lines: string[] = []
  const fake = {
    test: async (name: string, ...rest: [...options: { skip: string }[], run: (t: unknown) => unknown]) => {
      const run = rest.pop() as (t: unknown) => unknown
      const [options] = rest as { skip: string }[]
      lines.push(options === undefined ? `test ${name}` : `skip ${name}: ${options.skip}`)
      await run({ pass: () => lines.push('ran'), fail: (reason: string) => lines.push(`fail ${reason}`) })
    },
  }
  const before = process.env['FRAMEWRIGHT_REQUIRE_PEERS']
  if (required === undefined) delete process.env['FRAMEWRIGHT_REQUIRE_PEERS']
  else process.env['FRAMEWRIGHT_REQUIRE_PEERS'] = required
  await testWith(fake as unknown as Test, programs, 'a', async t => t.pass())
  if (before === undefined) delete process.env['FRAMEWRIGHT_REQUIRE_PEERS']
  else process.env['FRAMEWRIGHT_REQUIRE_PEERS'] = before
  return lines
}

t.test('a test with its peers runs', async t => {
  for (const required of [undefined, '1']) t.same(await asked([here], required), ['test a', 'ran'])
})

t.test('without one it names the command, and is skipped', async t => {
  const skip = 'skip a: that one not found; install: sudo apt-get install that-one'
  t.same(await asked([here, missing], undefined), [skip])
})

t.test('and fails with FRAMEWRIGHT_REQUIRE_PEERS=1', async t => {
  const fail = 'fail that one not found; install: sudo apt-get install that-one'
  t.same(await asked([here, missing], '1'), ['test a', fail])
})
