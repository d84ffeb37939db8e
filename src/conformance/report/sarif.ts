/**
 * SARIF 2.1.0 (OASIS), as code scanning reads it: a rule for each case, a result for each run that is not PASS, INFO or
 * SKIP. An endpoint has no file and no line, and GitHub takes nothing that has none: the id of the case stands for it.
 */
import type { Level, Verdict } from '../verdict.js'
import type { Changes } from './baseline.js'
import type { ConformanceReport, ReportedCase } from './conformance-report.js'
import { sectionLink } from './section-link.js'
import { reasonsOf } from './text.js'

const levels: Readonly<Record<Level, string>> = { MUST: 'error', SHOULD: 'warning', MAY: 'note' }

/** What could not be judged is no less alarming than what was judged badly: else a server that dies would close all alerts. */
const resultLevels: Readonly<Partial<Record<Verdict, string>>> = { ERROR: 'error', FAIL: 'error', WARN: 'warning' }

/**
 * The log.
 *
 * @param changes - what is expected to fail: those results are suppressed.
 */
export function sarifReport(report: ConformanceReport, changes?: Changes): object {
  const [name, version] = report.tool.split(' ')
  const rules = new Map(report.cases.map(one => [one.case, one]))
  const indices = new Map([...rules.keys()].map((id, index) => [id, index]))
  const ended = new Date(Date.parse(report.started) + report.duration).toISOString()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name, semanticVersion: version, rules: [...rules.values()].map(ruleOf) } },
        invocations: [{ executionSuccessful: true, startTimeUtc: report.started, endTimeUtc: ended }],
        results: report.cases
          .filter(({ verdict }) => resultLevels[verdict] !== undefined)
          .map(one => resultOf(one, report, indices.get(one.case)!, changes)),
      },
    ],
  }
}

function ruleOf({ case: id, title, requirement, section, level, profile, autobahn }: ReportedCase): object {
  const link = sectionLink(section)
  const quoted = `${section}, ${level}: "${requirement}"`
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: quoted },
    help: { text: `${quoted}\n${link}`, markdown: `[${section}](${link}), ${level}:\n\n> ${requirement}\n` },
    helpUri: link,
    defaultConfiguration: { level: levels[level] },
    properties: { level, section, profile, autobahn, tags: ['conformance', section] },
  }
}

function resultOf(one: ReportedCase, { tested }: ConformanceReport, ruleIndex: number, changes?: Changes): object {
  const { id, verdict, segmentation, reproduce, closeCode } = one
  const suppression = { kind: 'external', status: 'accepted', justification: 'the baseline expects it' }
  return {
    ruleId: one.case,
    ruleIndex,
    level: resultLevels[verdict],
    message: { text: `${verdict}: ${reasonsOf(one).join('; ')}\nagain: ${reproduce}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(one.case) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: tested.name, kind: tested.role }],
      },
    ],
    partialFingerprints: { primaryLocationLineHash: id },
    ...(changes !== undefined && { suppressions: changes.expected.includes(id) ? [suppression] : [] }),
    properties: { verdict, segmentation, closeCode, reproduce },
  }
}
