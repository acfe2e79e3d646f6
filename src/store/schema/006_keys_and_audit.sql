-- SPDX-License-Identifier: Apache-2.0
-- Keys that can be changed, signed heads of the audit trail, counters of checks.

-- A key of its own for keyed digests (of a refused password, of a name that nobody has), sealed under the store's
-- key: digests cannot be computed anew when that changes. '' only within the transaction of the upgrade, which cannot
-- seal anything in SQL.
ALTER TABLE store_meta ADD COLUMN stamp_seal TEXT NOT NULL DEFAULT '';
-- Their digests were made otherwise: they could never be found again.
DELETE FROM lockouts WHERE nobody = 1;

-- Every key that the store has named; store_meta.key_id is the one in use.
CREATE TABLE store_keys (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  made_at BIGINT NOT NULL,
  used_since BIGINT,
  replaced_at BIGINT,
  retired_at BIGINT,
  forgotten_at BIGINT,
  exported_at BIGINT,
  CHECK (replaced_at IS NULL OR used_since IS NOT NULL),
  CHECK (retired_at IS NULL OR replaced_at IS NOT NULL)
);
INSERT INTO store_keys (id, made_at, used_since) SELECT key_id, created_at, created_at FROM store_meta;

-- The last signed head of a chain; and the line up to which it was archived, whose hash the next one names.
ALTER TABLE audit_heads ADD COLUMN signed_number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_heads ADD COLUMN signed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_heads ADD COLUMN archived_number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_heads ADD COLUMN archived_hash TEXT NOT NULL
  DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';

-- src/store/audit_head.h says what is signed. `chains`: how many there were then. `sent_at`: the journal has it.
CREATE TABLE audit_signed_heads (
  host TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  hash TEXT NOT NULL,
  at BIGINT NOT NULL,
  chains BIGINT NOT NULL,
  public_key TEXT NOT NULL,
  signature TEXT NOT NULL,
  sent_at BIGINT,
  PRIMARY KEY (host, number)
);
CREATE INDEX audit_signed_heads_unsent ON audit_signed_heads (host, number) WHERE sent_at IS NULL;
CREATE INDEX audit_by_time ON audit (at, host, number);

-- Answers to checks by day (since 1970, UTC) and result. A day's count is the sum over the slots: each process counts
-- in one of its own, so that nobody waits for another's check.
CREATE TABLE check_counts (
  day BIGINT NOT NULL,
  result TEXT COLLATE "C" NOT NULL,
  slot INTEGER NOT NULL,
  checks BIGINT NOT NULL,
  PRIMARY KEY (day, result, slot)
);
