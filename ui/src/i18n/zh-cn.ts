import type { Messages } from './en.ts';
import { handoff, stuck } from './zh-cn-program.ts';
import { compare, door, people } from './zh-cn-trust.ts';

/** 简体中文。 */
export const zhCN: Messages = {
  language: 'zh-CN',
  languageName: '简体中文',

  common: {
    back: '返回',
    close: '关闭',
    cancel: '取消',
    tryAgain: '再试一次',
    dismiss: '知道了',
    copy: '复制',
    copied: '已复制',
    guest: '访客',
    you: '我',
    nameAndYou: (name) => `${name}（我）`,
    settings: '设置',
    withShortcut: (label, key) => `${label}（${key}）`,
    list: (names) => names.join('、'),
    time: (at) => new Intl.DateTimeFormat('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false }).format(at),
    duration: (ms) => {
      const minutes = Math.round(ms / 60_000);
      if (minutes < 1) return '不到 1 分钟';
      if (minutes < 60) return `${minutes} 分钟`;
      return minutes % 60 === 0 ? `${minutes / 60} 小时` : `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分钟`;
    },
  },

  home: {
    heading: '本地网络上的会议',
    look: {
      starting: '正在查看你所在的网络。',
      on: (network) => `已连接 ${network}，这里的会议会自动出现。`,
      noNetwork: '这台电脑没有联网。连上 Wi-Fi 或网线后，会议就会出现在这里。',
      failed: '另一个程序占用了端口，暂时无法自动发现会议。仍可通过地址加入。',
    },
    emptyHeading: '线路空闲',
    empty: '网络上一有人发起会议，就会出现在这里。',
    people: (count) => `${count} 人`,
    hostedBy: (host) => `主持人：${host}`,
    since: (time) => `${time} 开始`,
    join: '加入',
    joinTitle: (title, host) => `加入${host}主持的“${title}”`,
    privateMeeting: '私密会议',
    joinPrivate: '加入私密会议',
    private: '私密',
    privateHint: '列表中不显示标题和姓名。',
    interrupted: (title) => `你的会议“${title}”中断了。`,
    openAgain: '重新打开',
    forget: '不再提示',
    goesOnElsewhere: '你的会议在另一台电脑上继续，可以从列表中加入。',
    locked: '并非人人可以加入',
    yours: '我的会议',
    backIn: '进入',
    end: '结束会议',
    hostHeading: '发起会议',
    name: '你的名字',
    namePlaceholder: '其他人看到的名字',
    title: '会议名称',
    titleFor: (name) => `${name}的会议`,
    titleWithoutName: '我们的会议',
    host: '发起会议',
    hosting: '正在接通',
    hostNote: '会议由你的电脑承载。关闭 Landline 后，会中的另一台电脑会继续主持。',
    testCall: '测试通话',
    testCallTitle: '测试通话',
    testCallNote: '看看别人眼里的自己，听听自己的声音。',
    addressHeading: '列表里没有？',
    address: '地址或链接',
    addressPlaceholder: '192.168.1.20:4717',
    addressJoin: '加入',
    addressLooking: '查找中',
    noCalls: '在这个窗口里可以查找和发起会议，通话会在浏览器中打开。',
    openBrowser: '在浏览器中打开',
    nodeLost: '支持此页面的 Landline 程序已退出。请重新启动它，再从它打开此页面。',
    portChanged: (port) => `常用端口被占用，这次会议使用 ${port}。`,
    notices: {
      'settings-corrupt': '设置文件无法读取，已另存备查，Landline 暂用默认设置。',
      'settings-read-only': '无法在这台电脑上保存设置，改动只在本次运行中有效。',
    },
  },

  preview: {
    looking: (host) => (host === '' ? '正在联系主持人' : `正在联系${host}`),
    hostedBy: (host) => `主持人：${host}`,
    nobody: '还没有人，你将是第一位。',
    inRoom: (names, more) => {
      if (names.length === 0) return `已有 ${more} 人在会议中。`;
      return more > 0 ? `${names.join('、')}等 ${names.length + more} 人在会议中。` : `${names.join('、')}在会议中。`;
    },
    full: '会议已满员，等有人离开后再试。',
    join: '加入',
    joinSilent: '只听不说，加入',
    name: '你的名字',
    microphone: '麦克风',
    camera: '摄像头',
    speaker: '扬声器',
    systemDefault: '跟随系统',
    cameraOff: '摄像头已关闭',
    starting: '正在打开摄像头',
    noDevices: '没有麦克风和摄像头也能加入，可以看到、听到其他人。',
    ownPicture: '你的画面（镜像）',
    level: '麦克风音量',
    firstUse: (host) => `这是第一次连接 ${host}，已记住它的指纹。想要确认，请与主持人显示的指纹核对。`,
    allow: 'Landline 需要使用摄像头和麦克风。加入之前不会发送任何内容。',
  },

  room: {
    people: (count) => `${count} 人`,
    muteMicrophone: '静音',
    unmuteMicrophone: '取消静音',
    stopCamera: '关闭摄像头',
    startCamera: '打开摄像头',
    shareScreen: '共享屏幕',
    stopSharing: '停止共享',
    openChat: '聊天',
    closeChat: '关闭聊天',
    unread: (count) => `${count} 条未读消息`,
    invite: '邀请',
    closeInvite: '关闭邀请',
    leave: '离开',
    controls: '控制栏',
    muted: '已静音',
    screenOf: (name) => `${name}的屏幕`,
    yourScreen: '你的屏幕',
    joining: '正在进入',
    link: {
      connecting: '正在连接',
      connected: '已连接',
      reconnecting: '连接中断，正在重连',
      failed: '无法连接这台电脑',
    },
    away: '暂时离开',
    alone: '你是第一个到的。',
    aloneHint: '其他人可以在列表里看到这个会议。',
    testCall: '“回声”会在一秒后把你的声音和画面还给你。请戴上耳机，以免声音来回循环。',
    moved: (host) => (host === null ? '现在由你的电脑主持会议。' : `现在由${host === '' ? '另一台' : `${host}的`}电脑主持会议。`),
    movedPage: (host) => `现在由${host === '' ? '另一台' : `${host}的`}电脑主持会议。此页面无法重新加载，需要时请使用新链接。`,
    hostUnreachable: (host) => `${host === '' ? '主持人' : host}的电脑连接不上，你们可以继续交谈。`,
    hostClosed: (host) => `${host === '' ? '主持人' : host}已关闭 Landline。你们可以继续交谈，但其他人无法再加入。`,
    nodeLost: '支持此页面的 Landline 程序已退出。在关闭此页面之前，你们可以继续交谈。',
    speakerLarge: '放大发言者',
    showSpeaker: '放大正在发言的人',
    showAlike: '所有人一样大',
    leftOut: '暂时不显示',
    spared: (why, pictures) => {
      const because = why === 'narrow' ? '这里的网络很慢' : '这台电脑很忙';
      if (pictures === 0) return `暂时只有声音：${because}。`;
      if (pictures === Infinity) return `暂时显示较小的画面：${because}。`;
      const who = pictures === 1 ? '只显示最近发言的一位' : `只显示最近发言的 ${pictures} 位`;
      return why === 'many' ? `${who}，因为参会的人很多。` : `${who}：${because}。`;
    },
    showAll: '仍然显示所有人',
    cameIn: (name) => `${name}进来了`,
    wentOut: (name) => `${name}离开了`,
    sharesScreen: (name) => `${name}正在共享屏幕`,
  },

  door,
  people,
  compare,

  chat: {
    heading: '聊天',
    empty: '这里的消息会发给会议里的每个人，晚来的人也能看到。',
    placeholder: '发消息给所有人',
    send: '发送',
    sending: '发送中',
    tooLong: (most) => `一条消息最多 ${most} 个字。`,
    from: (name, text) => `${name}：${text}`,
  },

  invite: {
    heading: '邀请',
    inApp: '装有 Landline 的人可以在列表里看到这个会议，其他人用浏览器打开这个链接：',
    code: '这个会议需要口令，下面的链接已经带上它。',
    noAddress: '这台电脑没有联网，暂时没有链接。',
    unknownAddress: '链接只有主持人知道，请让主持人分享。',
    link: '链接',
    address: '地址',
    copyLink: '复制链接',
    qr: '链接二维码',
    fingerprint: '指纹',
    warning: '浏览器会提示“连接不是私密连接”，因为这台电脑的证书由它自己签发。点“高级”，再点“继续前往”。浏览器显示的证书指纹应与下面一致：',
  },

  settings: {
    heading: '设置',
    you: '个人',
    devices: '设备',
    sound: '你的声音',
    echoCancellation: '消除回声',
    echoCancellationHint: '用扬声器时需要；戴耳机时关掉，音质更好。',
    noEchoRemoval: '此窗口无法消除回声。请戴耳机，或在系统的声音设置中打开回声消除。',
    noiseSuppression: '抑制背景噪音',
    autoGainControl: '自动调节音量',
    picture: '你的画面',
    oneEncoder: '向所有人发送同一个画面',
    oneEncoderHint: '人多时可减轻这台电脑的负担。从下一场会议起生效。',
    encodingNow: (shared: number, own: number) => {
      const alone = `${own} 人各自收到单独的画面`;
      if (shared === 0) return `现在${alone}。`;
      return own === 0 ? `现在 ${shared} 人收到同一个画面。` : `现在 ${shared} 人收到同一个画面，另有${alone}。`;
    },
    appearance: '外观',
    language: '语言',
    languageAuto: '跟随系统',
    theme: '配色',
    themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
    network: '网络',
    interfaces: '使用这些网络连接',
    interfacesAuto: '自动选择',
    iceServers: '跨网络服务器',
    iceServersHint: '同一网络内不需要。每行一个地址，例如 stun:192.168.1.2:3478。',
    iceServersBad: '每行应以 stun:、turn: 或 turns: 开头。',
    version: (version) => `Landline ${version}`,
  },

  end: {
    heading: {
      left: '你已离开会议',
      'ended-by-host': '会议已结束',
      'seat-taken': '会议在另一个窗口中继续',
      'room-full': '会议已满员',
      'room-not-found': '这个会议已经结束',
      'unsupported-version': '双方的 Landline 版本不兼容',
      'fingerprint-mismatch': '对方电脑的身份不符',
      'false-host': '对方不是这个会议的主持电脑',
      'code-needed': '这个会议需要口令',
      'wrong-code': '口令不对',
      'too-many-tries': '错误的口令太多了',
      'knock-needed': '由主持人放行',
      locked: '会议已锁定',
      'not-admitted': '主持人没有放行',
      removed: '你已被请出会议',
      unreachable: '无法连接会议',
      'node-lost': '这台电脑上的 Landline 已退出',
    },
    detail: (reason, host) => {
      const who = host === '' ? '主持人' : host;
      switch (reason) {
        case 'left':
          return '';
        case 'ended-by-host':
          return `${who}结束了会议。`;
        case 'seat-taken':
          return '你又打开了一次，座位现在在那个窗口里。';
        case 'room-full':
          return '座位已满，等有人离开后再试。';
        case 'room-not-found':
          return `${who}已经关闭了它。`;
        case 'unsupported-version':
          return `${who}使用的是另一个版本的 Landline，请更新较旧的一方。`;
        case 'fingerprint-mismatch':
          return `应答的电脑与${who}的指纹不同。再试之前，请先问问${who}。`;
        case 'false-host':
          return `有电脑自称在主持这个会议，但无法证明。没有向它透露任何内容。请问问${who}会议在哪里。`;
        case 'code-needed':
          return `请向${who}询问口令，或请求加入。`;
        case 'wrong-code':
          return `请再向${who}询问口令，它可能已经更换。`;
        case 'too-many-tries':
          return '有人试了太多错误的口令。请稍等，或请求加入。';
        case 'knock-needed':
          return '请先请求加入。';
        case 'locked':
          return `现在不接受新人加入，请联系${who}。`;
        case 'not-admitted':
          return `${who}没有让你加入。`;
        case 'removed':
          return '主持人或联席主持把你请出，你不能再回到这个会议。';
        case 'unreachable':
          return `${who}的电脑没有应答。你们在同一个网络吗？`;
        case 'node-lost':
          return '请重新启动 Landline，再从它打开此页面。';
      }
    },
    lasted: '参会时长',
    with: '参会的人',
    goIn: '回到会议',
    rejoin: '重新加入',
    hostAgain: '再次发起',
    home: '回到首页',
    stillOpen: (title, people) =>
      people === 0 ? `“${title}”在这台电脑上仍然开着。` : `“${title}”仍在进行，还有 ${people} 人。`,
    endForAll: '结束会议',
  },

  handoff,

  stuck,

  starting: '请稍候',

  errors: {
    sentence: (code, subject) => {
      const it = subject === '' ? '主持人的电脑' : `“${subject}”`;
      switch (code) {
        case 'bad-address':
          return subject === ''
            ? '请输入主持人显示的地址，例如 192.168.1.20:4717，或粘贴链接。'
            : `“${subject}”不是有效的地址。地址类似 192.168.1.20:4717，也可以粘贴完整的链接。`;
        case 'name-not-found':
          return `网络上没有找到名为${it}的电脑。请检查拼写，或改用数字地址。`;
        case 'unreachable':
          return `连接不上${it}。你们在同一个网络吗？`;
        case 'connection-refused':
          return `${it}有应答，但那里没有会议。请检查冒号后的数字。`;
        case 'not-landline':
          return `${it}应答的不是 Landline。请检查冒号后的数字。`;
        case 'fingerprint-mismatch':
          return `${it}应答的电脑与公布的不符。再试之前，请先问问主持人。`;
        case 'fingerprint-changed':
          return `${it}的指纹与上次不同。请与主持人核对，并用完整的链接加入。`;
        case 'false-host':
          return '有电脑自称在主持这个会议，但无法证明。没有向它透露任何内容。请问问主持人会议在哪里。';
        case 'meeting-not-found':
          return subject === '' ? '这个会议已经结束。' : `${it}已经关闭了这个会议。`;
        case 'unsupported-version':
          return `${it}使用的是另一个版本的 Landline，请更新较旧的一方。`;
        case 'already-hosting':
          return '这台电脑已经在主持一个会议。请回到那个会议，或先结束它。';
        case 'port-unavailable':
          return '没有找到可用的端口。请关闭这台电脑上提供服务的其他程序。';
        case 'no-browser':
          return '无法启动浏览器。请复制链接，自己在浏览器中打开。';
        case 'wrong-code':
          return '这不是本次会议的口令。';
        case 'too-many-tries':
          return '错误的口令太多了。请稍等，或请求加入。';
        case 'congested':
          return '网络目前太慢。';
        case 'not-supported':
          return '在这个页面上无法进行这项操作。';
        case 'bad-request':
        case 'no-channel':
        case 'internal':
          return 'Landline 内部出了问题，详情见日志。';
      }
    },
  },

  media: {
    problem: (source, problem, platform, inApp) => {
      const what = source === 'microphone' ? '麦克风' : source === 'camera' ? '摄像头' : '屏幕';
      const who = inApp ? 'Landline' : '浏览器';
      switch (problem) {
        case 'no-device':
          return `没有找到${what}。插上后会立即使用。`;
        case 'busy':
          return `另一个程序正在使用${what}。请在那里关闭后再试。`;
        case 'denied':
          if (source === 'screen') return '屏幕没有共享。询问时请选择一个窗口或屏幕。';
          if (!inApp) return `此页面没有${what}权限。请在地址栏左侧允许后再试。`;
          if (platform === 'windows') return `Landline 没有${what}权限。请在“设置 › 隐私和安全性 › ${what}”中允许，再重新启动 Landline。`;
          if (platform === 'macos') return `Landline 没有${what}权限。请在“系统设置 › 隐私与安全性 › ${what}”中允许，再重新启动 Landline。`;
          return `Landline 没有${what}权限。请在系统的隐私设置中允许后再试。`;
        case 'system-denied':
          if (platform === 'macos') {
            return `macOS 不允许${who}使用${what}。请在“系统设置 › 隐私与安全性 › ${source === 'screen' ? '录屏与系统录音' : what}”中允许。`;
          }
          if (platform === 'windows') return `Windows 不允许${who}使用${what}。请在“设置 › 隐私和安全性 › ${what}”中允许。`;
          return `系统不允许${who}使用${what}。请在系统的隐私设置中允许。`;
        case 'unsupported':
          return source === 'screen' ? '这里无法共享屏幕。' : `这个${inApp ? '窗口' : '浏览器'}无法使用${what}。`;
        case 'failed':
          return `${what}无法启动。请重新插拔，或换一个设备。`;
      }
    },
  },
};
