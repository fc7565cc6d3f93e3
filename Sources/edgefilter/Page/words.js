'use strict';
// What the page says, in each of its languages. The first is what an unknown language gets.
const WORDS = {
  en: {
    skip: 'Skip to content', signIn: 'Sign in', signOut: 'Sign out', adminKey: 'Admin key',
    signInHint: 'With the admin key of this gateway. The sign-in lasts an hour.',
    insecure: 'This connection is not encrypted: whoever can see the network can read the key.',
    signedOut: 'Signed out', signInOver: 'The sign-in is over; sign in again.',
    live: 'Live', usage: 'Usage', keys: 'API keys', users: 'Users',
    connections: 'Open connections', perMinute: 'Requests a minute', requestsSince: 'Requests since start',
    failuresSince: 'Failures since start',
    period: 'Period', last7: 'Last 7 days', last30: 'Last 30 days', last90: 'Last 90 days',
    user: 'User', key: 'API key', everyone: 'All users', everyKey: 'All keys',
    byDay: 'By day', byModel: 'By model', byEndpoint: 'By endpoint', asTable: 'As a table',
    day: 'Day', model: 'Model', endpoint: 'Endpoint', tokens: 'Tokens', requests: 'Requests', failures: 'Failures',
    input: 'Input tokens', output: 'Output tokens', succeeded: 'Answered', noUsage: 'No requests in this period',
    chartOf: '{what} by day, {from} to {to}: {sum} in all',
    chooseOne: 'Choose one of those that are offered.', search: 'Search', status: 'Status', all: 'All', active: 'Active', inactive: 'Inactive', expired: 'Expired',
    deactivated: 'Deactivated', issueKey: 'Issue a key', more: 'Show more', name: 'Name', email: 'E-mail',
    emailOptional: 'E-mail (optional)', created: 'Created', limits: 'Limits', actions: 'Actions',
    noLimits: 'None', until: 'until {day}', aMinute: '{n}/min', tokensADay: '{n} tokens/day', onlyModels: 'only {models}',
    noKeys: 'No keys here', noUsers: 'No users here', firstUser: 'Add a user first; keys belong to users.',
    showUsage: 'Usage', change: 'Limits', deactivate: 'Deactivate', remove: 'Delete', showKeys: 'Keys',
    expires: 'Expires', expiresHint: 'At the end of that day, UTC', defaultModel: 'Default model',
    allowedModels: 'Allowed models', allowedModelsHint: 'Names or patterns, separated by commas; empty: all',
    requestsPerMinute: 'Requests per minute', tokensPerDay: 'Tokens per day',
    cancel: 'Cancel', save: 'Save', add: 'Add', done: 'Done', issue: 'Issue', limitsOf: 'Limits of {name}',
    issuedTitle: 'The new key', issuedHint: 'Copy it now. It is not kept and cannot be shown again.',
    copy: 'Copy', copied: 'Copied', copyFailed: 'Press Ctrl+C to copy', saved: 'Saved',
    addUser: 'Add a user', userAdded: '{name} was added',
    deactivateTitle: 'Deactivate this key?',
    deactivateText: '{name} of {user}: its next request is refused. It cannot be activated again.',
    deactivatedKey: '{name} was deactivated',
    removeTitle: 'Delete this user?', removeText: '{name} and all of the keys: they stop working at once.',
    removed: '{name} was deleted', numbered: 'No. {id}',
    offline: 'The gateway does not answer: {why}',
  },
  zh: {
    skip: '跳到正文', signIn: '登录', signOut: '退出登录', adminKey: '管理密钥',
    signInHint: '使用本网关的管理密钥登录，有效期一小时。',
    insecure: '此连接未加密：能看到网络流量的人都能读到密钥。',
    signedOut: '已退出登录', signInOver: '登录已过期，请重新登录。',
    live: '实时', usage: '使用统计', keys: 'API 密钥', users: '用户',
    connections: '当前连接', perMinute: '每分钟请求', requestsSince: '启动以来的请求', failuresSince: '启动以来的失败',
    period: '时间范围', last7: '最近 7 天', last30: '最近 30 天', last90: '最近 90 天',
    user: '用户', key: 'API 密钥', everyone: '所有用户', everyKey: '所有密钥',
    byDay: '按天', byModel: '按模型', byEndpoint: '按端点', asTable: '以表格显示',
    day: '日期', model: '模型', endpoint: '端点', tokens: '令牌', requests: '请求', failures: '失败',
    input: '输入令牌', output: '输出令牌', succeeded: '成功', noUsage: '此时间范围内没有请求',
    chartOf: '{from} 至 {to} 按天的{what}，共 {sum}',
    chooseOne: '请从列出的选项中选择一项。', search: '搜索', status: '状态', all: '全部', active: '有效', inactive: '无效', expired: '已过期',
    deactivated: '已停用', issueKey: '创建密钥', more: '显示更多', name: '名称', email: '电子邮件',
    emailOptional: '电子邮件（可选）', created: '创建时间', limits: '限制', actions: '操作',
    noLimits: '无', until: '{day} 前有效', aMinute: '{n} 次/分钟', tokensADay: '{n} 令牌/天', onlyModels: '仅限 {models}',
    noKeys: '没有密钥', noUsers: '没有用户', firstUser: '请先添加用户，密钥属于用户。',
    showUsage: '统计', change: '限制', deactivate: '停用', remove: '删除', showKeys: '密钥',
    expires: '到期日', expiresHint: '当天结束时到期（UTC）', defaultModel: '默认模型',
    allowedModels: '允许的模型', allowedModelsHint: '名称或模式，用逗号分隔；留空表示全部',
    requestsPerMinute: '每分钟请求数', tokensPerDay: '每天令牌数',
    cancel: '取消', save: '保存', add: '添加', done: '完成', issue: '创建', limitsOf: '{name} 的限制',
    issuedTitle: '新密钥', issuedHint: '请立即复制。密钥不会保存，也无法再次显示。',
    copy: '复制', copied: '已复制', copyFailed: '请按 Ctrl+C 复制', saved: '已保存',
    addUser: '添加用户', userAdded: '已添加 {name}',
    deactivateTitle: '停用此密钥？', deactivateText: '{user} 的 {name}：下一个请求即被拒绝，且无法重新启用。',
    deactivatedKey: '已停用 {name}',
    removeTitle: '删除此用户？', removeText: '{name} 及其所有密钥将立即失效。',
    removed: '已删除 {name}', numbered: '编号 {id}',
    offline: '网关没有响应：{why}',
  },
};

let language = 'en';

/** A text in the language of the page; `{name}` stands for a value. */
function t(name, values = {}) {
  return WORDS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function chosenLanguage() {
  try {
    const kept = localStorage.getItem('language');
    if (kept in WORDS) return kept;
  } catch { /* a browser that keeps nothing */ }
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => tag in WORDS) ?? 'en';
}

function setLanguage(name) {
  language = name;
  document.documentElement.lang = name === 'zh' ? 'zh-Hans' : name;
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  const other = name === 'en' ? 'zh' : 'en';
  const button = document.getElementById('language');
  button.textContent = other === 'zh' ? '中文' : 'English';
  button.lang = other === 'zh' ? 'zh-Hans' : other;
}

function keepLanguage(name) {
  try { localStorage.setItem('language', name); } catch { /* it is asked for again */ }
  setLanguage(name);
}

const number = (value) => new Intl.NumberFormat(language).format(value);
const short = (value) => new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
/** A day or an instant of the gateway's, which are UTC, as a day. */
const day = (text, form = { dateStyle: 'medium' }) =>
  new Intl.DateTimeFormat(language, { ...form, timeZone: 'UTC' }).format(new Date(text.length > 10 ? `${text}Z` : text));
