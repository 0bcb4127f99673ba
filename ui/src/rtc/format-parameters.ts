/**
 * The description, or one section of it, in which every codec of this encoding name has the format parameter (RFC 8866 §6.15), unless it
 * says something of it already. Pure.
 *
 * @param encoding what stands in `a=rtpmap` after the payload type
 * @param parameter `name=value`
 */
export function withParameter(sdp: string, encoding: RegExp, parameter: string): string {
  let changed = sdp;
  for (const [line, type = '', name = ''] of sdp.matchAll(/^a=rtpmap:(\d+) ([^\r\n]+)/gm)) {
    if (!encoding.test(name)) continue;
    const format = new RegExp(`^a=fmtp:${type} [^\\r\\n]*`, 'm');
    const key = parameter.slice(0, parameter.indexOf('=') + 1);
    const known = format.exec(changed)?.[0];
    if (known === undefined) changed = changed.replace(line, `${line}\r\na=fmtp:${type} ${parameter}`);
    else if (!known.includes(key)) changed = changed.replace(known, `${known};${parameter}`);
  }
  return changed;
}
