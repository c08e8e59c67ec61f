import {
  type BoxMessage,
  boxMessage,
  type PageMessage,
} from '#server/playground/model/code-box-messages.ts'

export type Box = {
  /** Which interpreter goes with it. */
  version: string
  send(message: PageMessage, transfer?: Transferable[]): void
  close(): void
}

const openMsMax = 30_000

/**
 * Puts the box on the page: a frame with an origin of its own, which nothing can be reached from. We speak over one
 * port; what comes through it is read like a stranger's letter, and what is none of ours is dropped.
 */
export async function openBox(
  title: string,
  onMessage: (message: BoxMessage) => void,
): Promise<Box> {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-scripts')
  frame.referrerPolicy = 'no-referrer'
  frame.title = title
  frame.hidden = true
  frame.src = '/api/code-box'
  const { port1: port, port2: theirs } = new MessageChannel()
  const signal = AbortSignal.timeout(openMsMax)
  const close = () => {
    port.close()
    frame.remove()
  }
  try {
    const version = await new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      port.onmessage = ({ data }) => {
        const { data: message } = boxMessage.safeParse(data)
        if (message?.type === 'ready') resolve(message.version)
        else if (message) onMessage(message)
      }
      // Its origin is none, so there is no name to send this to; it goes into a frame that nobody else can lead away.
      frame.addEventListener('load', () => frame.contentWindow?.postMessage('', '*', [theirs]), {
        once: true,
      })
      document.body.append(frame)
    })
    return {
      version,
      send: (message, transfer = []) => port.postMessage(message, transfer),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}
