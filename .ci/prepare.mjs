/**
 * The `prepare` script: `npm ci` builds, and builds tap without its TypeScript plugin (see .taprc).
 *
 * `npx framewright` runs it as well when it is first used in this folder: silently, and whoever interrupts that, or has no
 * build at all, is left with an npx cache that stays broken. So then it builds nothing, and sees to it that there is a
 * command to link to.
 */
import { execSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'

const command = 'build/src/cli/main.js'
const notBuilt = `#!/usr/bin/env node
console.error('framewright: not built yet: run npm ci first')
process.exitCode = 1
`

if (process.env.npm_command !== 'exec') {
  execSync('npm run --silent build', { stdio: 'inherit' })
  execSync('tap build', { stdio: 'inherit' })
} else if (!existsSync(command)) {
  mkdirSync('build/src/cli', { recursive: true })
  writeFileSync(command, notBuilt, { mode: 0o755 })
}
