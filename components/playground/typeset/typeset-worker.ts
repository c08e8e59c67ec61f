import { type RenderLabels, renderMarkdown } from '#server/playground/typeset/render-markdown.ts'

/** A worker's whole life: it says `ready`; a text comes, its HTML goes back, undefined where it cannot be set. */
addEventListener('message', ({ data }: MessageEvent<{ text: string; labels: RenderLabels }>) => {
  let html: string | undefined
  try {
    html = renderMarkdown(data.text, data.labels)
  } catch {
    // Too deep for the stack: the page shows the text as it was written.
  }
  postMessage({ html })
})
postMessage('ready')
