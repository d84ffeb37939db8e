/** Whether connections can come from the addresses that a load was told. */
import { Connector } from '../api/connector.js'
import { UsageError } from '../errors.js'
import type { LoadConnectOptions } from './load-options.js'

/**
 * Looks at all of them.
 *
 * @throws UsageError WS_INVALID_OPTION
 */
export function checkAddresses(
  url: string | URL,
  connect: LoadConnectOptions,
  sourceAddresses: readonly string[],
): void {
  const name = sourceAddresses.length > 0 ? 'sourceAddresses' : 'localAddress'
  const asked = sourceAddresses.length > 0 || connect.localAddress !== undefined
  if (asked && connect.socketPath !== undefined)
    refuse(`\`${name}\` with \`socketPath\`: a unix socket has no addresses`)
  for (const localAddress of sourceAddresses) {
    try {
      new Connector(url, { ...connect, localAddress })
    } catch {
      refuse(`\`sourceAddresses\`: ${JSON.stringify(localAddress)} is no IP address`)
    }
  }
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', message)
}
