// The peers' side of the line protocol for those that run on Node: a command per line of stdin, {"id", "do", …}; an answer
// per line of stdout, {"id", …} or {"id", "error"}. See peer-process.ts.
import { createInterface } from 'node:readline'

/** Answers commands by what `run(command)` resolves with, until stdin ends. */
export function answerCommands(run) {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', async line => {
    const command = JSON.parse(line)
    let answer
    try {
      answer = await run(command)
    } catch (error) {
      answer = { error: String(error?.stack ?? error) }
    }
    process.stdout.write(`${JSON.stringify({ id: command.id, ...answer })}\n`)
  })
  lines.on('close', () => process.exit(0))
}
