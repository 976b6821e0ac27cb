import { OperationChecks } from '../operation-checks.js';
import type { OperationsSession } from '../operations.session.js';
import { findIdRange } from '../paging/id-range.js';
import { parseItem } from '../paging/item.js';
import { ListReader } from '../paging/list-reader.js';
import { type Page, PAGE_OPTIONS, PAGE_SIZE, type PageOptions } from '../paging/page.js';
import { checkSpan } from '../deliveries/delivery-filter.js';
import type { OperationsTableNames } from '../schema/operations-table-names.js';
import type { AuditAction, AuditEntry } from './audit-entry.js';
import { auditListing } from './audit.listing.js';

/**
 * Which entries of the audit to list.
 *
 * @publicApi
 */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: AuditAction;
  /** Such as `delivery:17.3`, `dead-letter:4`, `dead-letters`, `event:17` or `receiver:order.on-paid`. */
  readonly subject?: string;
  /** Done at this time or later. */
  readonly from?: Date;
  /** Done before this time. */
  readonly to?: Date;
}

const WORDS_LIMIT = 300;

/**
 * Who did what: an entry for each action that changed something, written in the same transaction.
 *
 * @publicApi
 */
export class AuditLog {
  constructor(
    private readonly session: OperationsSession,
    private readonly names: OperationsTableNames,
  ) {}

  /**
   * Lists what was done, the latest first.
   *
   * @throws InvalidOptionError, UnknownOptionError, PayloadError naming the option.
   */
  async list(options: AuditFilter & PageOptions = {}): Promise<Page<AuditEntry>> {
    const checks = new OperationChecks('AuditLog.list');
    checks.object('', options, ['actor', 'action', 'subject', 'from', 'to', ...PAGE_OPTIONS]);
    if (options.limit !== undefined) checks.integer('limit', options.limit, PAGE_SIZE);
    const { actor, action, subject } = options;
    const filter = {
      actor: actor === undefined ? undefined : checks.actor(actor),
      action: action === undefined ? undefined : checks.words('action', action, WORDS_LIMIT, 'which action'),
      subject: subject === undefined ? undefined : checks.words('subject', subject, WORDS_LIMIT, 'what it was done to'),
      ...checkSpan(options, checks),
    };
    return this.session.read(async (connection) => {
      const range = await findIdRange(connection, this.names.audit, 'at', filter);
      const reader = new ListReader(auditListing(this.names, filter, range), filter);
      return reader.page(connection, options, checks, (json) => parseItem<AuditEntry>(json, ['at']));
    });
  }
}
