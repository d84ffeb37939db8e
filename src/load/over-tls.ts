/** Whether a load goes over TLS; `https:` may stand for `wss:`. */
export function isOverTls(url: string): boolean {
  return /^(?:wss|https):/i.test(url)
}
