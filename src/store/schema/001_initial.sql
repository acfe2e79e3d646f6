-- SPDX-License-Identifier: Apache-2.0
-- The first schema, one text for SQLite and PostgreSQL.
--
-- Ids are opaque text, times microseconds since 1970 in UTC, flags 0 or 1, octets base64 text. Columns that end in
-- _key are folded copies for comparing, made by the program, because SQLite's lower() knows ASCII only.
-- COLLATE "C" orders by octets on PostgreSQL, as SQLite does anyway (there it is read as BINARY).
-- A mailbox is "address TAB display name", a list of mailboxes or words is one a line: none of them can hold a
-- control character.

CREATE TABLE store_meta (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  schema_version INTEGER NOT NULL,
  store_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- Rows that stand for a whole table: who changes addresses that must be unique locks 'people' first.
CREATE TABLE table_locks (
  name TEXT NOT NULL PRIMARY KEY
);
INSERT INTO table_locks (name) VALUES ('people');
INSERT INTO table_locks (name) VALUES ('access_numbers');

-- One row a telephone number that somebody has or had: locked while the PINs of those who share it are compared.
CREATE TABLE phone_lines (
  line TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- A removed person stays as a row without any personal field, so that a mail on its way can still be told from one
-- that never was.
CREATE TABLE people (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  external_id TEXT COLLATE "C" UNIQUE,
  sip_uri TEXT NOT NULL,
  sip_key TEXT COLLATE "C" UNIQUE,
  user_principal_name TEXT NOT NULL,
  user_principal_name_key TEXT COLLATE "C" NOT NULL,
  sam_account_name TEXT NOT NULL,
  sam_account_name_key TEXT COLLATE "C" NOT NULL,
  display_name TEXT NOT NULL,
  display_name_key TEXT COLLATE "C" NOT NULL,
  mail TEXT,
  mail_key TEXT COLLATE "C",
  mail_domain TEXT COLLATE "C",
  line_uri TEXT COLLATE "C" REFERENCES phone_lines (line),
  language TEXT NOT NULL,
  region TEXT NOT NULL,
  site TEXT NOT NULL,
  conference_id TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
  created_at BIGINT NOT NULL,
  CHECK (removed = 1 OR sip_key IS NOT NULL)
);
CREATE INDEX people_by_principal_name ON people (user_principal_name_key);
CREATE INDEX people_by_account_name ON people (sam_account_name_key);
CREATE INDEX people_by_display_name ON people (display_name_key);
CREATE INDEX people_by_mail ON people (mail_key);
CREATE INDEX people_by_mail_domain ON people (mail_domain);
CREATE INDEX people_by_line ON people (line_uri);

-- One row a person. Locking it is locking the person. `version` is raised by every decision about the PIN;
-- `pin_version` is the version at which the PIN itself last changed.
CREATE TABLE pins (
  person TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES people (id),
  version BIGINT NOT NULL,
  pin_version BIGINT NOT NULL,
  verifier TEXT,
  changed_at BIGINT,
  expires_at BIGINT,
  lock_reason TEXT,
  locked_by TEXT,
  locked_since BIGINT,
  CHECK ((verifier IS NULL) = (changed_at IS NULL)),
  CHECK ((locked_since IS NULL) = (lock_reason IS NULL) AND (locked_since IS NULL) = (locked_by IS NULL))
);

-- The PINs that a person had, the present one included, as many as the policy asked for when they became valid.
CREATE TABLE pin_history (
  person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  version BIGINT NOT NULL,
  verifier TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (person, version)
);

-- The text of templates, kept once, so that whoever delivers needs no file.
CREATE TABLE templates (
  hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  content TEXT NOT NULL
);

-- The outbox: doc/delivery.md.
CREATE TABLE welcomes (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('welcome', 'copy')),
  person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  parent TEXT COLLATE "C" REFERENCES welcomes (id),
  version BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  -- content
  mail_to TEXT NOT NULL,
  to_is_from_record INTEGER NOT NULL,
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
  copy_to TEXT,
  copy_to_key TEXT COLLATE "C",
  -- way
  server TEXT COLLATE "C" NOT NULL,
  port INTEGER NOT NULL,
  tls TEXT NOT NULL CHECK (tls IN ('opportunistic', 'required', 'implicit')),
  user_name TEXT COLLATE "C" NOT NULL,
  password_source TEXT NOT NULL,
  sender_key TEXT COLLATE "C" NOT NULL,
  -- course
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'cancelled', 'superseded')),
  state_since BIGINT NOT NULL,
  seal TEXT,
  replaces_pin INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  unknowns INTEGER NOT NULL DEFAULT 0,
  may_have_arrived INTEGER NOT NULL DEFAULT 0,
  arrived_invalid INTEGER NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  next_attempt_at BIGINT,
  finished_at BIGINT,
  reported_at BIGINT,
  reply_code INTEGER NOT NULL DEFAULT 0,
  enhanced_code TEXT NOT NULL DEFAULT '',
  reply_text TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '',
  operator_name TEXT NOT NULL,
  command_hash TEXT COLLATE "C" NOT NULL,
  -- claim
  claim_id TEXT COLLATE "C",
  claim_host TEXT,
  claim_boot_id TEXT,
  claim_pid_namespace TEXT,
  claim_process_id BIGINT,
  claim_start_time BIGINT,
  claimed_at BIGINT,
  claim_until BIGINT,
  CHECK ((kind = 'copy') = (parent IS NOT NULL) AND (kind = 'copy') = (copy_to IS NOT NULL)),
  CHECK (kind = 'welcome' OR state <> 'uncertain'),
  CHECK ((state = 'sending') = (claim_id IS NOT NULL)),
  CHECK (seal IS NULL OR state IN ('queued', 'sending', 'uncertain')),
  CHECK (seal IS NOT NULL OR kind = 'copy' OR state NOT IN ('queued', 'sending', 'uncertain')),
  CHECK ((finished_at IS NULL) = (state IN ('queued', 'sending', 'uncertain')))
);
CREATE UNIQUE INDEX one_unfinished_welcome ON welcomes (person)
  WHERE kind = 'welcome' AND state IN ('queued', 'sending', 'uncertain');
CREATE UNIQUE INDEX one_copy_an_address ON welcomes (parent, copy_to_key) WHERE kind = 'copy';
CREATE INDEX welcomes_by_person ON welcomes (person, created_at);
CREATE INDEX welcomes_queued ON welcomes (created_at, id) WHERE state = 'queued';
CREATE INDEX welcomes_sending ON welcomes (created_at, id) WHERE state = 'sending';
CREATE INDEX welcomes_uncertain ON welcomes (state_since) WHERE state = 'uncertain';

-- What nobody may claim until a person or the time ends it. `sender_key` '' means every sender.
CREATE TABLE pauses (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  server TEXT COLLATE "C" NOT NULL,
  port INTEGER NOT NULL,
  user_name TEXT COLLATE "C" NOT NULL,
  sender TEXT NOT NULL,
  sender_key TEXT COLLATE "C" NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('password', 'sender-refused', 'server-away', 'quota')),
  words TEXT NOT NULL,
  credential_stamp TEXT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT,
  UNIQUE (server, port, user_name, sender_key)
);

CREATE TABLE access_numbers (
  line_uri TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  primary_uri TEXT NOT NULL,
  display_number TEXT NOT NULL,
  display_name TEXT NOT NULL,
  regions TEXT NOT NULL,
  primary_language TEXT NOT NULL,
  secondary_languages TEXT NOT NULL,
  priority INTEGER NOT NULL
);

-- One hash chain a host: src/store/audit.h says what is hashed.
CREATE TABLE audit_heads (
  host TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE audit (
  host TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  at BIGINT NOT NULL,
  operator_name TEXT NOT NULL,
  origin TEXT NOT NULL,
  event TEXT NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (host, number)
);
CREATE INDEX audit_by_person ON audit (person);

-- Names that audit lines stand for by id. Not part of the chain, so that a person can be erased.
CREATE TABLE audit_names (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'address')),
  name TEXT COLLATE "C" NOT NULL,
  UNIQUE (person, kind, name)
);
