-- SPDX-License-Identifier: Apache-2.0
-- Runs: many people welcomed by one command (doc/runs.md).

-- The counters are those of its rows by state: kept by every change of a row, because a run of a hundred thousand
-- rows is counted every second. An issued row counts as issued, however its welcome stands.
CREATE TABLE runs (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL UNIQUE,
  source TEXT NOT NULL,
  input_hash TEXT COLLATE "C" NOT NULL,
  force INTEGER NOT NULL CHECK (force IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('staging', 'ready', 'finished', 'cancelled')),
  pause_reason TEXT
    CHECK (pause_reason IN ('refusals', 'server-away', 'daily-limit', 'sender', 'password', 'quota')),
  pause_words TEXT,
  paused_at BIGINT,
  paused_until BIGINT,
  operator_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ready_at BIGINT,
  finished_at BIGINT,
  stager_host TEXT,
  stager_boot_id TEXT,
  stager_pid_namespace TEXT,
  stager_process_id BIGINT,
  stager_start_time BIGINT,
  waiting_rows BIGINT NOT NULL DEFAULT 0 CHECK (waiting_rows >= 0),
  issued_rows BIGINT NOT NULL DEFAULT 0 CHECK (issued_rows >= 0),
  skipped_rows BIGINT NOT NULL DEFAULT 0 CHECK (skipped_rows >= 0),
  invalid_rows BIGINT NOT NULL DEFAULT 0 CHECK (invalid_rows >= 0),
  not_sent_rows BIGINT NOT NULL DEFAULT 0 CHECK (not_sent_rows >= 0),
  CHECK ((state = 'staging') = (stager_host IS NOT NULL)),
  CHECK ((pause_reason IS NULL) = (paused_at IS NULL) AND (pause_reason IS NULL) = (pause_words IS NULL))
);
CREATE INDEX runs_by_input ON runs (input_hash);

-- What the welcomes of a kind share: the columns of `welcomes` of the same names.
CREATE TABLE run_plans (
  run TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
  number INTEGER NOT NULL,
  plan_hash TEXT COLLATE "C" NOT NULL,
  mail_from TEXT NOT NULL,
  reply_to TEXT,
  envelope_sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  language TEXT NOT NULL,
  cc TEXT NOT NULL,
  bcc TEXT NOT NULL,
  mask_pin_in_copies INTEGER NOT NULL,
  plain_text_only INTEGER NOT NULL,
  without_link INTEGER NOT NULL,
  template_hash TEXT COLLATE "C" NOT NULL REFERENCES templates (hash),
  server TEXT COLLATE "C" NOT NULL,
  port INTEGER NOT NULL,
  tls TEXT NOT NULL CHECK (tls IN ('opportunistic', 'required', 'implicit')),
  user_name TEXT COLLATE "C" NOT NULL,
  password_source TEXT NOT NULL,
  sender_key TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (run, number),
  UNIQUE (run, plan_hash)
);

-- `welcome` names a row of welcomes that is never erased before this one. It is no foreign key, because the index
-- that one needs would cost more than the rest of the row. `elsewhere`: it is not a welcome of this run.
CREATE TABLE run_rows (
  run TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
  line BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'issued', 'skipped', 'invalid', 'not-sent')),
  identity TEXT NOT NULL,
  person TEXT COLLATE "C" REFERENCES people (id),
  plan INTEGER NOT NULL DEFAULT 0,
  mail_to TEXT,
  version BIGINT NOT NULL DEFAULT 0,
  seal TEXT,
  had_pin INTEGER NOT NULL DEFAULT 0 CHECK (had_pin IN (0, 1)),
  welcome TEXT COLLATE "C",
  elsewhere INTEGER NOT NULL DEFAULT 0 CHECK (elsewhere IN (0, 1)),
  code TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (run, line),
  CHECK (seal IS NULL OR state = 'waiting'),
  CHECK ((state = 'issued') = (welcome IS NOT NULL)),
  CHECK (elsewhere = 0 OR state = 'issued'),
  CHECK (person IS NOT NULL OR state NOT IN ('waiting', 'issued'))
);
CREATE UNIQUE INDEX one_row_a_person ON run_rows (person, run) WHERE person IS NOT NULL;
CREATE INDEX run_rows_waiting ON run_rows (run, plan, line) WHERE state = 'waiting';
CREATE INDEX run_rows_invalid ON run_rows (run, line) WHERE state = 'invalid';
CREATE INDEX run_rows_elsewhere ON run_rows (run) WHERE elsewhere = 1;

-- Rows of a run that are not sent: few, so that a run is counted by counting these.
CREATE INDEX welcomes_of_run_not_sent ON welcomes (run, kind, state, held) WHERE run IS NOT NULL AND state <> 'sent';
