import type { Messages } from './en.ts';

/** 窗口和页面自己无法继续时的文字。 */

export const handoff: Messages['handoff'] = {
  heading: (title) => (title === '' ? '在浏览器中继续' : title),
  sentence: (missing): string => {
    const can = '浏览器可以：同一个会议会在那里打开。';
    switch (missing[0] ?? 'web-rtc') {
      case 'devices':
      case 'frames':
      case 'audio-worklet':
        return `这个窗口无法通话：系统自带的网页引擎版本太旧，或者缺少通话所需的部分（WebKitGTK 2.42 及以上版本才有）。${can}`;
      case 'video-codec':
        return `这个窗口无法通话：系统缺少传送画面所需的 VP8，它在 GStreamer 的 good 插件里。${can}`;
      case 'audio-codec':
        return `这个窗口无法通话：系统缺少传送声音所需的 Opus，它在 GStreamer 的 base 插件里。${can}`;
      case 'web-rtc':
        return `这个窗口无法通话，因为系统自带的网页引擎没有通话功能。${can}`;
    }
  },
  instead: '改在浏览器中打开',
  goOn: '转到浏览器中继续',
  goOnHint: '会议会在浏览器中打开，这个窗口随后离开会议。',
  open: '在浏览器中打开',
  opening: '正在打开浏览器',
  copy: '改为复制链接',
  yours: '会议已开始，其他人可以在列表里看到。请不要关闭这个窗口。',
};

export const stuck: Messages['stuck'] = {
  'no-token': {
    heading: '请从 Landline 打开此页面',
    sentence: '这个地址要带上 Landline 给的密钥才能使用。请使用 Landline 显示的链接，或运行“landline-node ui”。',
  },
  'token-refused': {
    heading: '这个链接已失效',
    sentence: 'Landline 重新启动过，或这个链接已经用过。请从 Landline 打开新的链接。',
  },
  'node-unreachable': {
    heading: 'Landline 没有应答',
    sentence: '支持此页面的程序已退出，或仍在启动。请启动 Landline，再重新加载此页面。',
  },
  'app-broken': {
    heading: 'Landline 无法启动',
    sentence: '请关闭这个窗口，再重新启动 Landline。如果仍不行，请重新安装，设置会保留。',
  },
  reload: '重新加载',
};
