/** Where a section of an RFC can be read. */

/** `RFC 6455 §5.5.1` as an address. */
export function sectionLink(section: string): string {
  const [, rfc, number] = /^RFC (\d+) §([\d.]+)$/.exec(section)!
  return `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${number}`
}
