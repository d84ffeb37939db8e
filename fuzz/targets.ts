/** All targets, in the order they are run. */
import type { Target } from './target.js'
import { closeBodyTarget } from './targets/close-body.js'
import { deflateParametersTarget } from './targets/deflate-parameters.js'
import { framesTarget } from './targets/frames.js'
import { headerListsTarget } from './targets/header-lists.js'
import { inflateTarget } from './targets/inflate.js'
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
  deflateParametersTarget,
  uriTarget,
  framesTarget('server'),
  framesTarget('client'),
  closeBodyTarget,
  utf8Target,
  inflateTarget,
  sessionTarget,
  pairTarget,
] as readonly unknown[] as readonly Target[]
