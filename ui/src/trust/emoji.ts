/**
 * The 64 pictures of a code. Each is one code point that is shown as a picture without a variation selector, of Unicode 11 or
 * older. None is a person, a flag or a smiling face; names within a language do not sound alike (no house beside a horse).
 * Their order is part of the protocol: everybody has to see the same.
 */
export interface Emoji {
  readonly emoji: string;
  readonly names: { readonly en: string; readonly 'zh-CN': string };
}

const of = (emoji: string, en: string, zhCN: string): Emoji => ({ emoji, names: { en, 'zh-CN': zhCN } });

export const EMOJI: readonly Emoji[] = [
  of('🐈', 'cat', '猫'),
  of('🦁', 'lion', '狮子'),
  of('🐎', 'horse', '马'),
  of('🐖', 'pig', '小猪'),
  of('🐘', 'elephant', '大象'),
  of('🐇', 'rabbit', '兔子'),
  of('🐸', 'frog', '青蛙'),
  of('🐓', 'rooster', '公鸡'),
  of('🐧', 'penguin', '企鹅'),
  of('🐢', 'turtle', '乌龟'),
  of('🐬', 'dolphin', '海豚'),
  of('🐙', 'octopus', '章鱼'),
  of('🦋', 'butterfly', '蝴蝶'),
  of('🐌', 'snail', '蜗牛'),
  of('🐝', 'bee', '蜜蜂'),
  of('🐊', 'crocodile', '鳄鱼'),
  of('🌵', 'cactus', '仙人掌'),
  of('🌲', 'tree', '松树'),
  of('🌻', 'sunflower', '向日葵'),
  of('🍄', 'mushroom', '蘑菇'),
  of('🌍', 'globe', '地球'),
  of('🌙', 'moon', '月亮'),
  of('⭐', 'star', '星星'),
  of('🔥', 'fire', '火焰'),
  of('🌈', 'rainbow', '彩虹'),
  of('⛄', 'snowman', '雪人'),
  of('🍌', 'banana', '香蕉'),
  of('🍎', 'apple', '苹果'),
  of('🍓', 'strawberry', '草莓'),
  of('🌽', 'corn', '玉米'),
  of('🍕', 'pizza', '披萨'),
  of('🎂', 'cake', '蛋糕'),
  of('🍦', 'ice cream', '冰淇淋'),
  of('☕', 'coffee', '咖啡'),
  of('🤖', 'robot', '机器人'),
  of('👑', 'crown', '皇冠'),
  of('👓', 'glasses', '眼镜'),
  of('🎩', 'top hat', '礼帽'),
  of('👟', 'shoe', '球鞋'),
  of('☔', 'umbrella', '雨伞'),
  of('🎁', 'gift', '礼物'),
  of('💡', 'light bulb', '灯泡'),
  of('📚', 'books', '书本'),
  of('🧲', 'magnet', '磁铁'),
  of('🔨', 'hammer', '锤子'),
  of('🔑', 'key', '钥匙'),
  of('🔒', 'padlock', '挂锁'),
  of('⏳', 'hourglass', '沙漏'),
  of('📷', 'camera', '相机'),
  of('📞', 'telephone', '电话'),
  of('🔔', 'bell', '铃铛'),
  of('🎸', 'guitar', '吉他'),
  of('🎺', 'trumpet', '小号'),
  of('🥁', 'drum', '大鼓'),
  of('⚽', 'football', '足球'),
  of('🏆', 'trophy', '奖杯'),
  of('🚀', 'rocket', '火箭'),
  of('🚲', 'bicycle', '自行车'),
  of('🚜', 'tractor', '拖拉机'),
  of('⛵', 'sailboat', '帆船'),
  of('🚁', 'helicopter', '直升机'),
  of('🏰', 'castle', '城堡'),
  of('🎈', 'balloon', '气球'),
  of('⚓', 'anchor', '船锚'),
];

/** The pictures of a code, whose numbers are below 64. */
export function emojiOf(code: readonly number[]): Emoji[] {
  return code.flatMap((number) => EMOJI[number] ?? []);
}
