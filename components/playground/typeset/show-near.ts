import type { RenderLabels } from '#server/domain/typeset/render-markdown.ts'
import { copyOnClick } from './copy-on-click.ts'
import { inNextFrame } from './in-next-frame.ts'
import { createTypesetPool, type TypesetPool } from './typeset-pool.ts'

/** How far outside of the window blocks are typeset already. */
const nearPx = 1200
/** A block that grows is set again at this pace; its last state is never left out. */
const againEveryMs = 160

type PlaceLabels = Required<RenderLabels> & { copied: string }

let pool: TypesetPool | undefined
let observer: IntersectionObserver | undefined
const places = new WeakMap<Element, { near(is: boolean, height: number): void }>()

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

/**
 * Keeps an element typeset while it is near what is seen, and as its source otherwise, at the height that it had. The
 * page is written to directly: a framework would visit every block of every answer for each of them that changes.
 */
export function showNear(element: HTMLElement, labels: PlaceLabels) {
  const setter = thePool(labels)
  let text = ''
  let near = false
  let set = false
  let askedMs = Number.NEGATIVE_INFINITY
  let later: ReturnType<typeof setTimeout> | undefined

  function showSource() {
    set = false
    element.dataset.source = ''
    element.textContent = text
  }

  function showSet(html: string | undefined) {
    if (!near) return
    if (html === undefined) return showSource()
    set = true
    delete element.dataset.source
    // The text's own marks are escaped; see render-markdown.ts.
    element.innerHTML = html
  }

  function typesetSoon() {
    later ??= setTimeout(typeset, Math.max(0, askedMs + againEveryMs - performance.now()))
  }

  function typeset() {
    clearTimeout(later)
    later = undefined
    if (!near) return
    askedMs = performance.now()
    const html = setter.find(text)
    if (html !== undefined) return showSet(html)
    const asked = text
    setter.typeset(element, asked, (made) => {
      // An older state of a growing text is better than none, but never than a newer one.
      if (made !== undefined || asked === text) inNextFrame(element, () => showSet(made))
    })
  }

  places.set(element, {
    near(is, height) {
      if (is === near) return
      near = is
      if (is) return typeset()
      setter.forget(element)
      if (!set) return
      element.style.containIntrinsicBlockSize = `${height}px`
      showSource()
    },
  })
  theObserver().observe(element)

  return {
    show(next: string) {
      if (next === text) return
      text = next
      if (!set) showSource()
      if (near) typesetSoon()
    },
    end() {
      clearTimeout(later)
      theObserver().unobserve(element)
      setter.forget(element)
      places.delete(element)
    },
  }
}
