/** Programs of an answer, each with a word of its own to find it by. */
export const programs = {
  adds: `import sys
a, b = map(int, input().split())
print("sum", a + b)
print("aside", file=sys.stderr)
print(sys.stdin.read())`,
  fails: `def share(cake, guests):
    return cake / guests

print("before")
share(1, 0)`,
  waits: `print("begun")
while True: pass`,
  counts: `const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n')
console.log('lines', lines.length, [1, { a: 'b' }])`,
  spins: `console.log('spinning')
for (;;);`,
  floods: `const flood = 'x'.repeat(1000)
for (;;) { postMessage(['out', flood]); postMessage({ type: 'ended' }); console.log(flood) }`,
}

/** Tries all that a program could think of to reach `foreign` or `own`, and says what became of each. */
export function hostileProgram(foreign: string, own: string): string {
  return `const foreign = '${foreign}', own = '${own}'
const wait = (start) => new Promise((done, fail) => { start(done, fail); setTimeout(done, 300, 'silence') })
const nested = (code) => wait((done, fail) => {
  const worker = new Worker(URL.createObjectURL(new Blob([code])))
  worker.onmessage = ({ data }) => data === 'reached' ? done('REACHED') : fail(data)
  worker.onerror = () => fail('error')
})
const attempts = {
  fetch: () => fetch(foreign, { mode: 'no-cors' }),
  api: () => fetch(own + '/api/me', { credentials: 'include' }),
  box: () => fetch(own + '/api/code-box'),
  xhr: () => { const x = new XMLHttpRequest(); x.open('GET', foreign, false); x.send() },
  socket: () => wait((done, fail) => { const s = new WebSocket(foreign.replace('http', 'ws')); s.onopen = done; s.onerror = fail }),
  events: () => wait((done, fail) => { const s = new EventSource(foreign); s.onopen = done; s.onerror = fail }),
  transport: () => new WebTransport(foreign.replace('http:', 'https:')).ready,
  beacon: () => navigator.sendBeacon(foreign),
  script: () => importScripts(foreign),
  module: () => import(foreign),
  worker: () => wait((done, fail) => { const w = new Worker(foreign); w.onmessage = done; w.onerror = fail }),
  nested: () => nested("fetch('" + foreign + "', { mode: 'no-cors' }).then(() => postMessage('reached'), (e) => postMessage('' + e))"),
  rtc: () => new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:' + new URL(foreign).port }] }),
  database: () => wait((done, fail) => { const r = indexedDB.open('x'); r.onsuccess = done; r.onerror = fail }),
  caches: () => caches.open('x'),
  files: () => navigator.storage.getDirectory(),
  cookies: () => cookieStore.getAll(),
  page: () => parent.document.title,
  top: () => { top.location = foreign },
  alert: () => alert('hello'),
  eval: () => eval('1'),
}
;(async () => {
  for (const [name, attempt] of Object.entries(attempts)) {
    try { await attempt(); console.log(name, 'REACHED') }
    catch (error) { console.log(name, 'refused') }
  }
  console.log('all were tried')
})()`
}
