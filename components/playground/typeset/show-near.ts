import type { RenderLabels } from '#server/playground/typeset/render-markdown.ts'
import { copyOnClick } from './copy-on-click.ts'
import { inNextFrame, writeNow } from './in-next-frame.ts'
import { createTypesetPool, type TypesetPool } from './typeset-pool.ts'

/** How far outside of the window blocks are typeset already. */
const nearPx = 1200
/** A block that grows is set again at this pace; its last state is never left out. */
const againEveryMs = 160

type PlaceLabels = Required<RenderLabels> & { copied: string }

let pool: TypesetPool | undefined
let observer: IntersectionObserver | undefined
const places = new Map<Element, Place>()

type Place = {
  near(is: boolean, height: number): void
  /** Wherever it is; resolves when it is set, or cannot be. */
  forPaper(is: boolean): Promise<void>
}

function thePool(labels: PlaceLabels): TypesetPool {
  if (pool) return pool
  pool = createTypesetPool(
    () => new Worker(new URL('./typeset-worker.ts', import.meta.url), { type: 'module' }),
    labels,
  )
  document.addEventListener('click', (event) => copyOnClick(event, labels))
  return pool
}

function theObserver(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, boundingClientRect } of entries) {
        places.get(target)?.near(isIntersecting, boundingClientRect.height)
      }
    },
    { rootMargin: `${nearPx}px 0px` },
  )
  return observer
}

/** All that is open on the page as it goes to paper, which has no place to look from; and back. */
export async function typesetForPaper(is: boolean): Promise<void> {
  const open = [...places].filter(([element]) => !is || element.getClientRects().length > 0)
  await Promise.all(open.map(([, place]) => place.forPaper(is)))
}

/**
 * Keeps an element typeset while it is near what is seen, and as its source otherwise, at the height that it had. The
 * page is written to directly: a framework would visit every block of every answer for each of them that changes.
 */
export function showNear(element: HTMLElement, labels: PlaceLabels) {
  const setter = thePool(labels)
  let text = ''
  let near = false
  let onPaper = false
  let set = false
  let whenSet = () => {}
  let askedMs = Number.NEGATIVE_INFINITY
  let later: ReturnType<typeof setTimeout> | undefined

  function showSource() {
    set = false
    element.dataset.source = ''
    element.textContent = text
  }

  function showSet(html: string | undefined) {
    if (!near && !onPaper) return
    whenSet()
    if (html === undefined) return showSource()
    set = true
    delete element.dataset.source
    // The text's own marks are escaped; see render-markdown.ts.
    element.innerHTML = html
  }

  function showSourceUnlessWanted() {
    if (near || onPaper) return
    setter.forget(element)
    if (set) showSource()
  }

  function typesetSoon() {
    later ??= setTimeout(typeset, Math.max(0, askedMs + againEveryMs - performance.now()))
  }

  function typeset() {
    clearTimeout(later)
    later = undefined
    if (!near && !onPaper) return
    askedMs = performance.now()
    const requested = text
    let isImmediate = true
    setter.typeset(element, requested, (made) => {
      // An older state of a growing text is better than its source; the pool delivers none after a newer one.
      if (made === undefined && requested !== text) return
      if (isImmediate) writeNow(element, () => showSet(made))
      else inNextFrame(element, () => showSet(made))
    })
    isImmediate = false
  }

  places.set(element, {
    near(is, height) {
      if (is === near) return
      near = is
      if (is) return typeset()
      if (set) element.style.containIntrinsicBlockSize = `${height}px`
      showSourceUnlessWanted()
    },
    async forPaper(is) {
      onPaper = is
      if (!is) return showSourceUnlessWanted()
      if (set) return
      const done = new Promise<void>((resolve) => {
        whenSet = resolve
      })
      typeset()
      await done
    },
  })
  theObserver().observe(element)

  return {
    show(next: string) {
      if (next === text) return
      text = next
      if (!set) showSource()
      if (near || onPaper) typesetSoon()
    },
    end() {
      clearTimeout(later)
      whenSet()
      theObserver().unobserve(element)
      setter.forget(element)
      places.delete(element)
    },
  }
}
