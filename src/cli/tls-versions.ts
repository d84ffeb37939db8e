/** `--tls-min`, `--tls-max`: which versions of TLS are spoken, of every command that speaks it. */
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'
import { parseWord } from './quantity.js'

export const tlsVersionOptions: OptionTable = {
  'tls-min': { value: 'VERSION', help: 'the lowest version of TLS: 1.2 (default), or 1.3' },
  'tls-max': { value: 'VERSION', help: 'the highest: 1.2, or 1.3 (default)' },
}

/** What of Node's options they give. */
export interface TlsVersions {
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/**
 * Understands the options.
 *
 * @throws CommandError
 */
export function parseTlsVersions(given: Arguments): TlsVersions {
  const [min, max] = [versionOf(given, 'tls-min'), versionOf(given, 'tls-max')]
  if (min === '1.3' && max === '1.2') throw new CommandError('--tls-min 1.3 is above --tls-max 1.2')
  return {
    ...(min !== undefined && { minVersion: `TLSv${min}` as const }),
    ...(max !== undefined && { maxVersion: `TLSv${max}` as const }),
  }
}

function versionOf(given: Arguments, option: string): '1.2' | '1.3' | undefined {
  const text = given.get(option)
  return text === undefined ? undefined : parseWord(`--${option}`, text, ['1.2', '1.3'] as const)
}
