-- SPDX-License-Identifier: Apache-2.0
-- What runs need of the outbox, and the limits of mail servers that everybody keeps together.

-- Copies have the run of their welcome. A held row is queued and not due (doc/delivery.md, scope "unclear").
ALTER TABLE welcomes ADD COLUMN run TEXT COLLATE "C";
ALTER TABLE welcomes ADD COLUMN held INTEGER NOT NULL DEFAULT 0
  CHECK (held IN (0, 1) AND (held = 0 OR state = 'queued'));
-- A run of a hundred thousand deferred rows must not stand in the way of the others, nor they in its own.
CREATE INDEX welcomes_queued_without_run ON welcomes (created_at, id) WHERE state = 'queued' AND run IS NULL;
CREATE INDEX welcomes_queued_of_run ON welcomes (run, held, next_attempt_at)
  WHERE state = 'queued' AND run IS NOT NULL;

-- One row a mail server and account on it. Its lock is the lock of its connections.
CREATE TABLE relays (
  server TEXT COLLATE "C" NOT NULL,
  port INTEGER NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  -- Somebody set a limit, or the server complained; until then the row only serves as a lock.
  known INTEGER NOT NULL DEFAULT 0 CHECK (known IN (0, 1)),
  -- the limit
  messages BIGINT CHECK (messages > 0),
  period BIGINT NOT NULL DEFAULT 60000000 CHECK (period > 0),
  connections INTEGER CHECK (connections > 0),
  daily BIGINT CHECK (daily > 0),
  -- What complaints have made of it; NULL: nothing. Rates are messages in a million seconds. Where no limit is
  -- set, full_rate and full_connections are what was reached when the server complained first.
  rate_now BIGINT CHECK (rate_now > 0),
  full_rate BIGINT CHECK (full_rate > 0),
  connections_now INTEGER CHECK (connections_now > 0),
  full_connections INTEGER CHECK (full_connections > 0),
  complained_at BIGINT,
  slowed_at BIGINT,
  faster_at BIGINT,
  connection_added_at BIGINT,
  -- the course
  next_permit_at BIGINT NOT NULL DEFAULT 0,
  day_ends BIGINT,
  sent_today BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (server, port, user_name)
);

CREATE TABLE relay_connections (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  server TEXT COLLATE "C" NOT NULL,
  port INTEGER NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  claim_host TEXT NOT NULL,
  claim_boot_id TEXT NOT NULL,
  claim_pid_namespace TEXT NOT NULL,
  claim_process_id BIGINT NOT NULL,
  claim_start_time BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  FOREIGN KEY (server, port, user_name) REFERENCES relays (server, port, user_name)
);
CREATE INDEX relay_connections_by_relay ON relay_connections (server, port, user_name);
