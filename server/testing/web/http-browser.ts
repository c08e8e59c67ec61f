/** A browser without pages: its cookies, and its way through a sign-in at a provider that asks nothing. */
export function newBrowser(web: string) {
  const cookies = new Map<string, string>()
  async function go(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (url.startsWith(web))
      headers.set('cookie', [...cookies].map((one) => one.join('=')).join('; '))
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/max-age=0/i.test(cookie)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  async function begin(returnTo = '/runs?state=failed'): Promise<string> {
    const answer = await go(`${web}/api/sign-in`, {
      method: 'POST',
      body: JSON.stringify({ returnTo }),
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    })
    const body = await answer.json()
    return body.url ?? `${answer.status} ${body.error.key}`
  }
  /** From the provider back to us; answers where the browser ends. */
  async function goOn(url: string): Promise<string> {
    const there = await go(url)
    const back = await go(there.headers.get('location') ?? '')
    return back.headers.get('location') ?? `${back.status} ${await back.text()}`
  }
  return {
    cookies,
    go,
    begin,
    goOn,
    signIn: async (returnTo?: string) => goOn(await begin(returnTo)),
    status: async () => (await go(`${web}/api/conversations`)).status,
  }
}
