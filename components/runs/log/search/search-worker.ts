import { createSearchIndex, type SearchAsk } from './search-index.ts'

/** Searches beside the page: an expression that takes long holds up nothing, and can be ended. */
const hear = createSearchIndex((answer) => self.postMessage(answer))

self.onmessage = ({ data }: MessageEvent<SearchAsk>) => hear(data)
