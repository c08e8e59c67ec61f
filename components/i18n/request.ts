import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import { chooseLanguage, languageCookie } from './languages.ts'
import { loadMessages } from './load-messages.ts'

/** What next-intl asks for at each request. Times are shown in the browser's own zone once it has them. */
export default getRequestConfig(async () => {
  const cookie = (await cookies()).get(languageCookie)?.value
  const locale = chooseLanguage(cookie, (await headers()).get('accept-language'))
  return { locale, messages: await loadMessages(locale), timeZone: 'UTC' }
})
