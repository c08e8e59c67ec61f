import { checkRelations } from '#server/answers/check-relations.ts'

/** Checking takes its time: never on the page's own thread. */
addEventListener('message', ({ data }: MessageEvent<string>) => postMessage(checkRelations(data)))
