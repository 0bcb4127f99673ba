import { Channel as TauriChannel, invoke } from '@tauri-apps/api/core';

import { nodeError } from '../protocol/decode-node.ts';
import type { NodeEvent } from '../protocol/generated/NodeEvent.ts';
import type { NodeReply } from '../protocol/generated/NodeReply.ts';
import type { NodeRequest } from '../protocol/generated/NodeRequest.ts';
import type { Backend } from './backend.ts';
import { BackendError } from './backend.ts';
import type { NodeLink } from './node-client.ts';
import { connectNode } from './node-client.ts';

/** The app: commands and one typed channel. The node is in the same process, so it is never lost. */
export async function connectTauri(): Promise<Backend> {
  const events = new TauriChannel<NodeEvent>();
  const link: NodeLink = {
    // Commands run side by side in the app, so two frames sent at once may change places.
    order: 'by-answer',
    onevent: null,
    onsession: null,
    request: (request) => ask(request),
  };
  events.onmessage = (event) => link.onevent?.(event);
  await invoke('node_events', { channel: events });
  return connectNode({ kind: 'app', link });
}

async function ask(request: NodeRequest): Promise<NodeReply> {
  try {
    return await invoke<NodeReply>('node_request', { request });
  } catch (error) {
    const known = nodeError(error);
    throw known === undefined
      ? new BackendError('internal', String(error))
      : new BackendError(known.code, known.message);
  }
}
