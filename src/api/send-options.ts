/** How one message is sent: RFC 6455 §5.4, §5.6. */

export interface SendOptions {
  /** Octets are sent as a text message; they must be UTF-8. Default: octets are binary, strings text. */
  readonly text?: boolean
  /** False: a fragment, more of this message follows (RFC 6455 §5.4). Default true. */
  readonly fin?: boolean
}

/** @internal */
export const usualSendOptions: SendOptions = { text: false, fin: true }
