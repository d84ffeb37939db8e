/** `framewright conform list`: the cases. */
import { type Case, sectionOf } from '../../conformance/case.js'
import { allCases } from '../../conformance/cases/all-cases.js'
import { proxyCases } from '../../conformance/cases/proxy.js'
import { selectRuns } from '../../conformance/selection.js'
import { parseArguments } from '../arguments.js'
import type { Command } from '../command.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { parseWord } from '../quantity.js'
import { styled, type Terminal } from '../terminal.js'
import { selectionOf, suiteOptions } from './suite-options.js'

export const conformList: Command = {
  name: 'conform list',
  summary: 'shows the cases',
  usage: '[options]',
  about: ['The cases, with the requirement each of them quotes. All of them, unless told.'],
  options: {
    format: { value: 'FORMAT', help: 'text (default), json, markdown' },
    profile: suiteOptions['profile']!,
    case: suiteOptions['case']!,
    not: suiteOptions['not']!,
    help: { short: 'h', help: 'this text' },
  },
  parts: [
    ['Exit codes', ['0    they were shown', '2    there is none of that kind, or the command line is wrong']],
    ['Examples', ['framewright conform list', "framewright conform list --case '6455/7*' --format markdown"]],
  ],
  run,
}

const all = [...allCases, ...proxyCases]

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, conformList.options)
  const format = parseWord('--format', given.get('format') ?? 'text', ['text', 'json', 'markdown'])
  const { profile = 'all', ...rest } = selectionOf(given)
  const runs = (['proxy', 'client', 'controlled client'] as const).flatMap(tested =>
    selectRuns(all, { tested, profile, ...rest }),
  )
  const chosen = new Set(runs.map(run => run.case))
  const cases = all.filter(one => chosen.has(one))
  if (cases.length === 0) throw new CommandError('no case is selected')
  await print(terminal, formats[format](cases, terminal))
  return ExitCode.ok
}

const formats: Readonly<Record<'text' | 'json' | 'markdown', (cases: readonly Case[], terminal: Terminal) => string>> =
  {
    text,
    json: cases => `${JSON.stringify(cases.map(listed), undefined, 1)}\n`,
    markdown,
  }

function listed(one: Case): object {
  const { id, title, requirement, level, profile = 'core', roles = ['server', 'client'], autobahn = [] } = one
  const steps =
    one.large === true ? undefined : one.steps({ tested: roles[0] === 'client' ? 'client' : 'server', seed: 1 })
  return {
    id,
    title,
    requirement,
    section: sectionOf(one),
    level,
    profile,
    roles,
    autobahn,
    ...(steps !== undefined && { steps: steps.map(({ kind, text }) => `${kind} ${text}`) }),
  }
}

function markdown(cases: readonly Case[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  const head = row(['case', 'level', 'profile', 'for', 'what', 'requirement', 'Autobahn'])
  const rows = cases.map(
    ({ id, level, profile = 'core', roles = ['server', 'client'], title, requirement, autobahn = [] }) => {
      return row([`\`${id}\``, level, profile, roles.join(', '), title, `"${requirement}"`, autobahn.join(', ')])
    },
  )
  return `${head}${row(Array.from({ length: 7 }, () => '---'))}${rows.join('')}`
}

function text(cases: readonly Case[], terminal: Terminal): string {
  const width = Math.max(...cases.map(({ id }) => id.length))
  const rows = cases.map(({ id, level, profile = 'core', roles = ['server', 'client'], title }) => {
    const about = `${level.padEnd(6)} ${profile.padEnd(7)} ${roles.join('+').padEnd(13)}`
    return `${id.padEnd(width)}  ${styled(terminal, 'stdout', 'dim', about)}  ${title}\n`
  })
  const requirements = new Set(cases.map(one => `${sectionOf(one)} ${one.requirement}`)).size
  return `${rows.join('')}${cases.length} cases, ${requirements} requirements\n`
}
