/** The file of ratios: read, and looked at before anything is compared with it. */
import { readFileSync } from 'node:fs'
import { machine, type Results } from '../servers/results.js'
import type { AcceptedRatios } from './ratios.js'

/**
 * What the file holds; undefined where there is none.
 *
 * @throws {Error} where it is no file of ratios, or one of them is no number above 0, which nothing could fall below.
 */
export function readAccepted(file: string): AcceptedRatios | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw new Error(`${file} is not JSON: write it anew with --accept, to another --file`)
  }
  const accepted = record(read, `${file} is no file of ratios`)
  const ratios = record(accepted['ratios'], `${file} is no file of ratios: it has no "ratios"`)
  for (const [peer, points] of Object.entries(ratios)) {
    for (const [point, ratio] of Object.entries(record(points, `${file}: ratios of ${peer} is no object`))) {
      // JSON has no NaN, but 1e999 is infinite.
      if (typeof ratio !== 'number' || !(ratio > 0 && Number.isFinite(ratio))) {
        throw new Error(`${file}: ${peer}, ${point}: ${JSON.stringify(ratio)} is no ratio: a number above 0`)
      }
    }
  }
  return accepted as unknown as AcceptedRatios
}

function record(value: unknown, otherwise: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(otherwise)
  return value as Record<string, unknown>
}

/**
 * A line on where the ratios were accepted, if that was another class of machine or version of Node than this one; undefined
 * where both are the same.
 */
export function strangerNote(
  accepted: Partial<Pick<Results, 'machine' | 'node'>>,
  here = classOf({ machine: machine(), node: process.versions.node }),
): string | undefined {
  const there = classOf(accepted)
  if (there === here) return undefined
  return `warning: the ratios were accepted on ${there}, and this is ${here}: both may differ where nothing is amiss`
}

/** Memory is no part of it: a ratio of CPU times does not depend on how much there is. */
function classOf({ machine, node }: Partial<Pick<Results, 'machine' | 'node'>>): string {
  if (machine === undefined || node === undefined) return 'a machine that the file does not name'
  return `${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${node}`
}
