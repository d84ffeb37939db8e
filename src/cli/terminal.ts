/** The outside world as a command sees it: streams, colours and Ctrl-C. Tests hand over one of their own. */
import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import { visibleText } from '../visible-text.js'

/** How a piece of text is set off on a terminal. */
export type Style = Parameters<typeof styleText>[0]

export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** The environment, for NO_COLOR and TERM. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls back for each Ctrl-C and SIGTERM, which then end nothing by themselves; returns what takes that back. */
  onInterrupt(listener: () => void): () => void
}

const signals = ['SIGINT', 'SIGTERM'] as const

/** The terminal, pipes and signals of this process. */
export function processTerminal(): Terminal {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(listener) {
      const onSignal = () => listener()
      for (const signal of signals) process.on(signal, onSignal)
      return () => {
        for (const signal of signals) process.off(signal, onSignal)
      }
    },
  }
}

/** Sets text off where the stream is a terminal that shows colours and nobody objects (NO_COLOR, TERM=dumb). */
export function styled(terminal: Terminal, to: 'stdout' | 'stderr', style: Style, text: string): string {
  const { NO_COLOR, TERM } = terminal.env
  const plain = terminal[to].isTTY !== true || (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb'
  return plain ? text : styleText(style, text, { validateStream: false })
}

/** Whether lines on stderr can be written over: a terminal that is none of those that only go on (TERM=dumb). */
export function writesOver({ stderr, env }: Terminal): boolean {
  return stderr.isTTY === true && env['TERM'] !== 'dumb'
}

/** Tells of something that is not what was asked for, on stderr; whatever a peer has said in it. */
export function tell(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${styled(terminal, 'stderr', 'dim', visibleText(text))}\n`)
}

/** Tells in one line what went wrong, on stderr. */
export function complain(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${styled(terminal, 'stderr', 'red', 'framewright:')} ${visibleText(text)}\n`)
}
