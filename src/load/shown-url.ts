/** Addresses as others may see them. */

/** Without who one is, and without the query, which may be a token. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
