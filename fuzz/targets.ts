/** All targets, in the order they are run. */
import type { Target } from './target.js'
import { closeBodyTarget } from './targets/close-body.js'
import { framesTarget } from './targets/frames.js'
import { headerListsTarget } from './targets/header-lists.js'
import { pairTarget } from './targets/pair.js'
import { requestHeadTarget } from './targets/request-head.js'
import { responseHeadTarget } from './targets/response-head.js'
import { sessionTarget } from './targets/session.js'
import { uriTarget } from './targets/uri.js'
import { utf8Target } from './targets/utf8.js'

export const targets: readonly Target[] = [
  requestHeadTarget,
  responseHeadTarget,
  headerListsTarget,
  uriTarget,
  framesTarget('server'),
  framesTarget('client'),
  closeBodyTarget,
  utf8Target,
  sessionTarget,
  pairTarget,
] as readonly unknown[] as readonly Target[]
