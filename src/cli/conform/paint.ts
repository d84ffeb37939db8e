/** The colours of verdicts. */
import type { Paint } from '../../conformance/report/text.js'
import { type Style, styled, type Terminal } from '../terminal.js'

const styles: Readonly<Record<Parameters<Paint>[0], Style>> = {
  PASS: 'green',
  INFO: 'blue',
  SKIP: 'dim',
  WARN: 'yellow',
  FAIL: 'red',
  ERROR: 'magenta',
  dim: 'dim',
}

/** Paints for this stream; leaves the text as it is where there are no colours. */
export function paintFor(terminal: Terminal, to: 'stdout' | 'stderr'): Paint {
  return (as, text) => styled(terminal, to, styles[as], text)
}
