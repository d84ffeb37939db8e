/** Our echo server in a process of its own, for the time of a measurement. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface EchoProcess {
  readonly url: string
  readonly port: number
  readonly pid: number
}

/** Runs something beside it. */
export async function withEcho<Result>(run: (server: EchoProcess) => Promise<Result>): Promise<Result> {
  const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
  const server = spawn(process.execPath, [main, 'echo', '--port', '0', '--limit', 'maxConnections=unlimited'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const url = /ws:\S+/.exec(line.toString())![0]
    return await run({ url, port: Number(new URL(url).port), pid: server.pid! })
  } finally {
    server.kill()
  }
}
