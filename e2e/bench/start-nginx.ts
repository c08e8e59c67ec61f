import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '#e2e/support/run-demo.ts'

export type Nginx = { url: string; pid: number; stop(): Promise<void> }

/** The reference: nginx as a plain proxy in front of the engine. Undefined where there is no nginx. */
export async function startNginx(upstream: string): Promise<Nginx | undefined> {
  const command = ['nginx', '/usr/sbin/nginx'].find(
    (path) => spawnSync(path, ['-v']).error === undefined,
  )
  if (!command) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'bindery-nginx-'))
  const port = await freePort()
  const file = join(dir, 'nginx.conf')
  writeFileSync(file, configuration(dir, port, new URL(upstream).host))
  const child = spawn(command, ['-p', dir, '-c', file, '-e', join(dir, 'error.log')], {
    stdio: 'inherit',
  })
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(child, `${url}/health`)
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function configuration(dir: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${dir}/${name};`,
  )
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events { worker_connections 2048; }
http {
  access_log off;
${temporary.join('\n')}
  upstream engine { server ${upstream}; keepalive 512; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 900s;
    }
  }
}
`
}

async function untilAnswers(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx did not start.')
    try {
      if ((await fetch(url)).ok) return
    } catch {
      await setTimeout(20)
    }
  }
}
