import type { Notice } from './binding-notices.ts'

export type NoticeLanguage = 'en' | 'zh-CN'

const titles: Record<NoticeLanguage, Record<Notice['kind'], string>> = {
  en: {
    'request-waiting': 'A request waits for a decision',
    approved: 'A request was approved',
    denied: 'A request was denied',
    expiring: 'Access is about to end',
    expired: 'Access has ended: its term is over',
    drifted: 'Something was edited by hand',
    'run-failed': 'A run has failed',
  },
  'zh-CN': {
    'request-waiting': '有申请待审批',
    approved: '申请已批准',
    denied: '申请已拒绝',
    expiring: '访问权限即将到期',
    expired: '访问权限已到期',
    drifted: '有对象被手动修改',
    'run-failed': '运行失败',
  },
}

const labels = {
  en: { binding: 'Binding', who: 'By', why: 'Said', left: 'Ends', run: 'Run' },
  'zh-CN': { binding: '绑定', who: '操作者', why: '说明', left: '到期', run: '运行' },
}

const whyMax = 300

/** The words of a chat message: a title and lines, plain text. What people wrote is cut and stays one line. */
export function noticeText(notice: Notice, language: NoticeLanguage) {
  const { namespace, name, service, who, why, expiresAt, leftPercent, run } = notice
  const label = labels[language]
  const colon = language === 'en' ? ': ' : '：'
  const lines = [`${label.binding}${colon}${namespace}/${name} (${service})`]
  if (who) lines.push(`${label.who}${colon}${oneLine(who)}`)
  if (why) lines.push(`${label.why}${colon}${oneLine(why)}`)
  if (expiresAt) lines.push(`${label.left}${colon}${expiresAt} (${leftPercent}%)`)
  if (run) lines.push(`${label.run}${colon}${run}`)
  return { title: `Bindery · ${titles[language][notice.kind]}`, lines }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return line.length > whyMax ? `${line.slice(0, whyMax)}…` : line
}
