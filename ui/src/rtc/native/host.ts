import type { EngineRequest } from '../../protocol/generated/EngineRequest.ts';
import type { Operations } from './operations.ts';
import type { EngineSession } from './session.ts';
import type { StatsSelector } from './stats-report.ts';

/** A connection as its transceivers and channels see it. */
export interface Host {
  readonly session: EngineSession;
  /** Its id in the engine. */
  readonly connection: number;
  readonly closed: boolean;
  readonly operations: Operations;
  /** Asks for something whose answer is the connection's state. @param onrefused it was not done */
  change(request: EngineRequest, onrefused?: () => void): void;
  getStats(selector: StatsSelector): Promise<ReadonlyMap<string, object>>;
}
