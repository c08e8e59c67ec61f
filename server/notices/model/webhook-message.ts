import type { Notice } from './binding-notices.ts'
import { noticeText } from './notice-text.ts'
import type { Webhook } from './webhook.ts'

/** WeCom refuses longer texts; in bytes of UTF-8. */
const wecomBytesMax = 2048

/**
 * The JSON that each kind of place understands, without its signature. What people wrote is nowhere read as markup:
 * plain text where there is such a field, else what begins markup or a mention is replaced.
 */
export function webhookMessage(
  { kind, language }: Pick<Webhook, 'kind' | 'language'>,
  notice: Notice,
  link: string | undefined,
): object {
  const chinese = kind === 'feishu' || kind === 'dingtalk' || kind === 'wecom'
  const { title, lines } = noticeText(notice, language ?? (chinese ? 'zh-CN' : 'en'))
  const text = [title, ...lines, ...(link ? [link] : [])].join('\n')
  switch (kind) {
    case 'generic': {
      const { key: _key, kind: what, at, ...data } = notice
      return { type: `binding.${what}`, timestamp: at, data: { ...data, link } }
    }
    case 'slack': {
      const plain = (said: string) => ({
        type: 'section',
        text: { type: 'plain_text', text: said, emoji: false },
      })
      const open = link && { type: 'section', text: { type: 'mrkdwn', text: `<${link}|Open>` } }
      const blocks = [plain(title), plain(lines.join('\n')), ...(open ? [open] : [])]
      return { text: slackEscaped(text), blocks }
    }
    case 'feishu': {
      const rows: object[][] = lines.map((line) => [{ tag: 'text', text: line }])
      if (link) rows.push([{ tag: 'a', text: link, href: link }])
      return { msg_type: 'post', content: { post: { zh_cn: { title, content: rows } } } }
    }
    case 'dingtalk':
      return { msgtype: 'text', text: { content: text }, at: { isAtAll: false } }
    case 'wecom':
      // `<@userid>` in a text mentions somebody.
      return { msgtype: 'text', text: { content: cutBytes(text.replaceAll('<', '＜')) } }
  }
}

function slackEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function cutBytes(text: string): string {
  const encoder = new TextEncoder()
  let cut = text
  while (encoder.encode(cut).length > wecomBytesMax) cut = [...cut].slice(0, -20).join('')
  return cut
}
