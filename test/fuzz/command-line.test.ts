/** npm run fuzz: its options, its output and its exit codes. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { fuzzCommand } from '../../fuzz/command-line.js'

function run(...args: string[]): { status: number; out: string; error: string; progress: (string | undefined)[] } {
  const [out, error, progress]: [string[], string[], (string | undefined)[]] = [[], [], []]
  const status = fuzzCommand(args, {
    out: line => out.push(line),
    error: line => error.push(line),
    progress: state => progress.push(state),
  })
  return { status, out: out.join('\n'), error: error.join('\n'), progress }
}

t.test('0: nothing was found', async t => {
  t.match(run('--help'), { status: 0, out: /Exit codes: 0 / })
  t.match(run('--list'), { status: 0, out: /^request-head +a client's Opening Handshake/ })
  t.match(run('--target', 'utf8', '--runs', '10'), { status: 0, out: /^seed \d+\nutf8 +10 runs, .* nothing found$/ })
  t.match(run('--target', 'utf8', '--target', 'uri', '--runs', '1', '--seed', '5'), {
    status: 0,
    out: /^seed 5\nutf8 .*\nuri /,
  })
  t.match(run('--target', 'utf8', '--input', 'c3;a9'), { status: 0, out: /^utf8 +1 run, nothing found$/ })
  const vector = fileURLToPath(new URL('../../../fuzz/corpus/utf8/kosme.txt', import.meta.url))
  t.match(run('--target', 'utf8', '--vector', vector), { status: 0, out: /^utf8 +1 run, nothing found$/ })
})

t.test('progress is told, and its end', async t => {
  t.same(run('--target', 'close-body', '--runs', '1200').progress, [
    'close-body          500 of 1200',
    'close-body          1000 of 1200',
    undefined,
  ])
})

t.test('2: the command line is wrong', async t => {
  const wrong = [
    ['--target', 'no'],
    ['--runs', '0'],
    ['--runs', 'x'],
    ['--seed', '99999999999'],
    ['--no'],
    ['--input', '00'],
    ['--target', 'utf8', '--vector', '/no'],
    ['--target', 'utf8', '--input', 'zz'],
  ]
  for (const args of wrong) t.match(run(...args), { status: 2, out: '', error: /^fuzz: .+$/ }, args.join(' '))
})

t.test('as a process', async t => {
  const main = fileURLToPath(new URL('../../fuzz/main.js', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [main, '--target', 'uri', '--runs', '1'], { encoding: 'utf8' })
  t.match({ status, stdout }, { status: 0, stdout: /^seed \d+\nuri +1 runs/ })
})
