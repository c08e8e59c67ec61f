import { config } from 'zod'

/**
 * Imported by every schema that a page may validate with. Zod would try `new Function` to see whether it may compile, which
 * our Content-Security-Policy refuses and a browser reports; a server may, and does.
 */
if ('document' in globalThis) config({ jitless: true })
