import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError } from '#server/platform/model/errors.ts'

/** As `npm run build` laid it out; the image has it at the same place. */
const folder = join(process.cwd(), '.bindery/image/code-box')

/** Each with its type, and whether it lies there compressed. */
const files: Record<string, { type: string; isCompressed: boolean }> = {
  'python.js': { type: 'text/javascript', isCompressed: true },
  'python.wasm': { type: 'application/wasm', isCompressed: true },
  'python.zip': { type: 'application/zip', isCompressed: false },
}

type CodeBox = { document: string; policy: string; version: string }

let codeBox: Promise<CodeBox> | undefined

function readCodeBox(): Promise<CodeBox> {
  codeBox ??= layOut()
  codeBox.catch(() => {
    codeBox = undefined
  })
  return codeBox
}

async function layOut(): Promise<CodeBox> {
  const [box, javascript, version] = await Promise.all(
    ['box.js', 'javascript.js', 'version'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const given = JSON.stringify({ version, javascript }).replaceAll('<', '\\u003c')
  const script = createHash('sha256')
    .update(box ?? '')
    .digest('base64')
  return {
    version: version ?? '',
    document: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Code</title><script type="application/json" id="given">${given}</script><script>${box}</script></html>`,
    // No address at all can be asked for anything. What compiles is WebAssembly; text is never turned into code.
    policy: [
      `default-src 'none'`,
      `script-src 'sha256-${script}' 'wasm-unsafe-eval'`,
      `worker-src blob:`,
      `base-uri 'none'`,
      `form-action 'none'`,
      `frame-ancestors 'self'`,
      `sandbox allow-scripts`,
    ].join('; '),
  }
}

/** The document that code is run in. It is shown in a frame of our own pages alone, and has no origin even there. */
export async function answerCodeBox(response: ServerResponse): Promise<void> {
  const { document, policy } = await readCodeBox()
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  })
  response.end(document)
}

/** A part of the interpreter. What is named by its contents may be kept for good. */
export async function answerCodeBoxFile(
  { version, file }: { version: string; file: string },
  isHead: boolean,
  acceptsGzip: boolean,
  response: ServerResponse,
): Promise<void> {
  const known = Object.hasOwn(files, file) ? files[file] : undefined
  const own = (await readCodeBox()).version
  if (!known || version !== own) throw new AppError('not-found', 'There is no such file.')
  const { type, isCompressed } = known
  const isSentSo = isCompressed && acceptsGzip
  response.writeHead(200, {
    'content-type': type,
    ...(isSentSo ? { 'content-encoding': 'gzip' } : {}),
    vary: 'accept-encoding',
    'cache-control': 'private, max-age=31536000, immutable, no-transform',
  })
  if (isHead) return void response.end()
  const source = createReadStream(join(folder, own, isCompressed ? `${file}.gz` : file))
  if (isSentSo || !isCompressed) await pipeline(source, response)
  else await pipeline(source, createGunzip(), response)
}
