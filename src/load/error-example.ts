/** An error as it is told of one of its kind: what OpenSSL adds for those who debug it hides the reason, and is another one each time. */

/** The thread, the code, the library and the function; the reason; the file and the line, and what there is besides. */
const ofOpenSsl = /(?:\b[0-9A-F]+:)?error:[0-9A-F]{8}:[^:\n]*:[^:\n]*:([^:\n]*)(?::[^:\n]*:\d+:([^\n]*))?\s*$/

/** @param message - once more through here, it stays as it is. */
export function errorExample(message: string): string {
  return message.replace(ofOpenSsl, (_, reason: string, besides = '') =>
    besides === '' ? reason : `${reason}, ${besides}`,
  )
}
