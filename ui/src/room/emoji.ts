/** The emoji of a meeting's code, for views. */
export { emojiOf } from '../trust/emoji.ts';
