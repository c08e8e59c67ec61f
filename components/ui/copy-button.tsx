'use client'
import { Check, Copy } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from './button.tsx'
import { putOnClipboard } from './put-on-clipboard.ts'
import { tellFailure } from './tell-failure.ts'

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useTranslations('ui')
  const [copied, setCopied] = useState(false)
  async function copy() {
    try {
      await putOnClipboard(text)
      setCopied(true)
    } catch {
      await tellFailure(t('notCopied'))
    }
  }
  return (
    <Button
      size="small"
      look="quiet"
      onClick={copy}
      onBlur={() => setCopied(false)}
      aria-label={label ?? t('copy')}
    >
      {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
      <span aria-live="polite">{copied ? t('copied') : t('copy')}</span>
    </Button>
  )
}
