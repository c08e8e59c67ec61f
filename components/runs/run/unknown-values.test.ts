import { createTranslator } from 'next-intl'
import { expect, test } from 'vitest'
import en from '#components/i18n/messages/en/failures.json' with { type: 'json' }
import zh from '#components/i18n/messages/zh-CN/failures.json' with { type: 'json' }
import { unknownValues } from './unknown-values.ts'

test.each([
  { locale: 'en', messages: en },
  { locale: 'zh-CN', messages: zh },
])('every explanation can be said in $locale, whatever is known', ({ locale, messages }) => {
  const said: string[] = []
  const onError = (error: Error) => said.push(error.message)
  for (const words of Object.values(messages)) {
    if (typeof words === 'string') continue
    for (const text of Object.values<string>(words)) {
      const t = createTranslator({ locale, messages: { text }, onError })
      t('text', unknownValues)
    }
  }
  expect(said).toEqual([])
})
