-- SPDX-License-Identifier: Apache-2.0
-- Checks of PINs: the counters of failures (src/pin/lockout.h), and people found by their extension.

-- `subject` is a person's id, or, with `nobody` 1, a keyed digest of what was asked for and belongs to nobody:
-- that locks out like a person, so that a lockout does not tell who exists. No reference to people: a telephone
-- system's question must never wait for a change of a person.
CREATE TABLE lockouts (
  subject TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  nobody INTEGER NOT NULL CHECK (nobody IN (0, 1)),
  local_failures INTEGER NOT NULL DEFAULT 0 CHECK (local_failures >= 0),
  local_epoch BIGINT NOT NULL DEFAULT 0,
  window_began BIGINT,
  locked_until BIGINT,
  global_failures INTEGER NOT NULL DEFAULT 0 CHECK (global_failures >= 0),
  global_epoch BIGINT NOT NULL DEFAULT 0,
  globally_locked_since BIGINT,
  last_at BIGINT NOT NULL
);
CREATE INDEX lockouts_of_nobody ON lockouts (last_at) WHERE nobody = 1;

-- The digits at the end of a number: its extension, where it has one.
CREATE INDEX people_by_extension ON people (substr(line_uri, length(rtrim(line_uri, '0123456789')) + 1));
