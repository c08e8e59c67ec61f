/** Puts text on the clipboard. Over plain HTTP a browser keeps its clipboard to itself: there it is copied as by hand. */
export async function putOnClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault()
    event.stopPropagation()
    event.clipboardData?.setData('text/plain', text)
  }
  // Nothing is copied where nothing is selected.
  const place = document.body.appendChild(document.createElement('span'))
  place.className = 'sr-only'
  place.textContent = '.'
  getSelection()?.selectAllChildren(place)
  document.addEventListener('copy', onCopy, { capture: true })
  try {
    if (!document.execCommand('copy')) throw new Error('The browser did not copy.')
  } finally {
    document.removeEventListener('copy', onCopy, { capture: true })
    place.remove()
  }
}
