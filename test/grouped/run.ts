/** Runs a share of the quick tests in the process of the file that calls this: tap counts and measures it as one file. */
import { readdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { measured } from '../coverage/child-environment.js'
import { quickTests, share } from './quick-tests.js'

/** So long a share may take, in milliseconds; a file by itself has two minutes, by .taprc. */
const timeout = 900_000

/** @param part - one of the numbers that are names of files here: so many shares there are. */
export async function runTogether(part: number): Promise<void> {
  const files = await readdir(new URL('.', import.meta.url))
  const parts = files.filter(name => /^\d\.js$/.test(name)).length
  t.setTimeout(timeout)
  process.env['NODE_OPTIONS'] = measured // for the threads that tests start
  for (const test of share(await quickTests(), part, parts)) {
    t.comment(relative(process.cwd(), fileURLToPath(test))) // the reporter tells by it whose tests follow
    await import(test.href)
  }
}
