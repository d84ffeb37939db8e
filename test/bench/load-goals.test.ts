/** The goals of npm run bench:load and its like: what is held, what is not, and that nobody overlooks it. */
import t from 'tap'
import { atLeast, atMost, atMostOrFloor, type Goal, goalLine, judge, within } from '../../bench/load/goal.js'

const rows: [goal: Goal, line: string][] = [
  [atMost('own CPU', 1.1, 1.15, 'times'), 'held    : own CPU: 1.100 times, goal at most 1.15 times'],
  [atMost('own CPU', 1.2, 1.15, ''), 'NOT HELD: own CPU: 1.200, goal at most 1.15'],
  [atMost('own CPU', Number.NaN, 1.15, ''), 'NOT HELD: own CPU: NaN, goal at most 1.15'],
  [atMost('off', 1.5, 1.8602246093750001, 'ms'), 'held    : off: 1.500 ms, goal at most 1.86 ms'],
  [atLeast('opened', 5000, 5000, '/s'), 'held    : opened: 5000 /s, goal at least 5000 /s'],
  [atLeast('opened', 4999, 5000, '/s'), 'NOT HELD: opened: 4999 /s, goal at least 5000 /s'],
  [within('both', 1.04, 1, 0.05, ''), 'held    : both: 1.040, goal 1, within 5.0 %'],
  [within('both', 0.94, 1, 0.05, ''), 'NOT HELD: both: 0.940, goal 1, within 5.0 %'],
  [within('sent', 994, 1000, 0.005, '/s'), 'NOT HELD: sent: 994 /s, goal 1000 /s, within 0.5 %'],
  [atMostOrFloor('late', 0.21, 0.2, 0.17, 'ms'), 'NOT HELD: late: 0.210 ms, goal at most 0.2 ms'],
  [
    atMostOrFloor('late', 0.21, 0.2, 0.19, 'ms'),
    'held    : late: 0.210 ms, goal at most 0.2, or 0.2185 ms, for the floor is 0.19',
  ],
  [
    atMostOrFloor('late', 0.219, 0.2, 0.19, 'ms'),
    'NOT HELD: late: 0.219 ms, goal at most 0.2, or 0.2185 ms, for the floor is 0.19',
  ],
]
for (const [goal, line] of rows) t.test(line, async t => t.equal(goalLine(goal), line))

t.test('one that is not held, or none at all, is an exit code', async t => {
  const lines = t.capture(console, 'log')
  const code = process.exitCode
  const codeOf = (goals: readonly Goal[]) => {
    process.exitCode = 0
    judge(goals)
    const { exitCode } = process
    process.exitCode = code
    return exitCode
  }
  const [held, missed] = [rows[0]![0], rows[1]![0]]
  t.equal(codeOf([held, held]), 0)
  t.equal(codeOf([held, missed]), 1)
  t.equal(codeOf([]), 1)
  t.same(
    lines().map(({ args }) => args[0]),
    ['', rows[0]![1], rows[0]![1], '', rows[0]![1], rows[1]![1], ''],
  )
})
