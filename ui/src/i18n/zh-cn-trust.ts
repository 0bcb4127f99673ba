import type { Messages } from './en.ts';

/** 谁可以进来，谁可以做什么，谁是谁。 */

const list = (names: readonly string[]): string => names.join('、');
const whoIs = (host: string): string => (host === '' ? '主持人' : host);

export const door: Messages['door'] = {
  heading: '谁可以加入',
  host: {
    open: '网络上的所有人',
    code: '凭口令',
    lobby: '由我放行',
  },
  room: {
    open: '网络上的所有人',
    code: '凭口令',
    lobby: '经放行的人',
    locked: '不再接受新人',
  },
  code: '口令',
  codeCopy: '复制口令',
  codeOf: (host) => `${whoIs(host)}给的六位数字`,
  sixDigits: '口令是六位数字。',
  askIn: '请求加入',
  askToJoin: '请求加入',
  lobby: (host) => `加入需要${whoIs(host)}放行。`,
  shut: (host) => `这个会议现在不接受新人，请联系${whoIs(host)}。`,
  guestCode: (host) => `口令可以挡住外人，但浏览器无法确认它真的发给了${whoIs(host)}的电脑。`,
  wrongCode: (host) => `口令不对。请再问一次${whoIs(host)}，它可能已经更换。`,
  tooManyTries: '错误的口令太多了。请稍等，或请求加入。',
  codeNeeded: (host) => `现在加入这个会议需要口令，请向${whoIs(host)}询问。`,
  knockNeeded: '这个会议需要放行才能加入，请先请求。',
  notAdmitted: '这次没有让你进来，可以再请求一次。',
  waiting: (host) => `正在等${whoIs(host)}放行`,
  waitingHint: '现在还没有人能看到或听到你。',
};

export const people: Messages['people'] = {
  heading: '参会的人',
  close: '关闭列表',
  atDoor: (count) => `有 ${count} 人在等候`,
  doorHeading: '等候加入',
  asksIn: (name) => `${name}请求加入`,
  asks: '请求加入',
  andMore: (count) => `另有 ${count} 人`,
  admit: '放行',
  admitName: (name) => `放行${name}`,
  refuse: '拒绝',
  refuseName: (name) => `拒绝${name}`,
  admitAll: '全部放行',
  here: (count) => `会议中（${count}）`,
  roles: { 'co-host': '联席主持', host: '主持人' },
  met: (times) => `见过 ${times} 次`,
  verified: '已核对',
  unproven: '没有密钥，无法核实',
  refused: '与其密钥不符，没有连接',
  nameOfAnother: '以前有别人用过这个名字',
  microphoneOn: '麦克风已打开',
  microphoneOff: '麦克风已关闭',
  cameraOn: '摄像头已打开',
  cameraOff: '摄像头已关闭',
  menu: (name) => `对${name}的操作`,
  mute: '静音',
  askUnmute: '请对方打开麦克风',
  stopShare: '停止对方的屏幕共享',
  makeCoHost: '设为联席主持',
  unmakeCoHost: '取消联席主持',
  handOver: '移交会议',
  remove: '请出会议',
  muteAll: '全部静音',
  removeHeading: (name) => `把${name}请出会议？`,
  removeText: (name, mode) => {
    const out = `${name}会立即离开，并且不能再回到这个会议。`;
    switch (mode) {
      case 'open':
        return `${out}此后其他人加入前需要放行。`;
      case 'code':
        return `${out}口令会更换，旧口令和带有它的链接不再有效。`;
      case 'lobby':
        return `${out}其他人仍然经放行加入。`;
      case 'locked':
        return `${out}会议仍然锁定。`;
    }
  },
  removeNow: '请出',
  askedMute: (by) => `${by}把你静音了。`,
  askedUnmute: (by) => `${by}请你打开麦克风。`,
  askedStopShare: (by) => `${by}停止了你的屏幕共享。`,
  turnOn: '打开',
  notNow: '暂不',
};

export const compare: Messages['compare'] = {
  heading: '核对',
  mark: {
    open: '核对会议暗号',
    compared: '核对会议暗号：已与所有人核对',
    again: '核对会议暗号：有新人加入',
    mismatch: '核对会议暗号：暗号不一致',
  },
  short: { open: '核对', compared: '已核对', again: '重新核对', mismatch: '暗号不一致' },
  how: '由一个人念出这五个图案，每个人对照自己的屏幕。如果处处相同，就没有人在中间窃听。',
  same: '完全相同',
  differ: '不一样',
  agreeing: '正在商定暗号',
  waitingFor: (names) => `正在等${list(names)}。`,
  alone: '等有人加入后，这里会出现五个图案。只要没有人在中间窃听，每个屏幕上都相同。',
  changed: '刚才有人加入或离开。',
  again: '重新核对',
  compared: '已与会议中的所有人核对',
  isNew: (names) => `${list(names)}是新来的，请重新核对。`,
  unverifiable: (names) => `${list(names)}没有密钥，暗号无法证明与其之间的连接。`,
  mismatch: (who) => `${who === null ? '你表示' : `${who}表示`}暗号不一致，可能有人在窃听。请离开，换一个新口令再开会。`,
  guestPage: '此页面来自主持人的电脑，所以它无法证明主持人的身份。',
};
