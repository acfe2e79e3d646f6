-- SPDX-License-Identifier: Apache-2.0
-- PIN policies, the order of access numbers within a region, the telephone commands of conferences.

INSERT INTO table_locks (name) VALUES ('pin_policies');
INSERT INTO table_locks (name) VALUES ('dtmf_configurations');

-- `identity` is Global, site:NAME or tag:NAME; `identity_key` the same folded. Without a row the global policy has the
-- original's defaults.
CREATE TABLE pin_policies (
  identity_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  identity TEXT NOT NULL,
  description TEXT NOT NULL,
  minimum_length INTEGER NOT NULL CHECK (minimum_length BETWEEN 4 AND 24),
  history_count INTEGER NOT NULL CHECK (history_count BETWEEN 0 AND 20),
  allow_common_patterns INTEGER NOT NULL CHECK (allow_common_patterns IN (0, 1)),
  lifetime_days INTEGER NOT NULL CHECK (lifetime_days BETWEEN 0 AND 999),
  maximum_logon_attempts INTEGER CHECK (maximum_logon_attempts BETWEEN 1 AND 999),
  change_at_first_use INTEGER NOT NULL CHECK (change_at_first_use IN (0, 1)),
  CHECK (lifetime_days = 0 OR history_count > 0)
);

-- The name of the policy that was granted to the person, without "tag:", as the policy spells it; '' for none.
ALTER TABLE people ADD COLUMN pin_policy TEXT NOT NULL DEFAULT '';

ALTER TABLE access_numbers ADD COLUMN site TEXT NOT NULL DEFAULT '';

-- Numbers that were put into an order within a region; the others of the region follow by their priority.
CREATE TABLE access_number_order (
  region_key TEXT COLLATE "C" NOT NULL,
  line_uri TEXT COLLATE "C" NOT NULL,
  place INTEGER NOT NULL,
  PRIMARY KEY (region_key, line_uri)
);

-- `identity` is Global or site:NAME. `keys` is COMMAND=KEY a line, without those that are disabled. Without a row the
-- original's defaults hold.
CREATE TABLE dtmf_configurations (
  identity_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  identity TEXT NOT NULL,
  command_character TEXT NOT NULL CHECK (command_character IN ('*', '#')),
  keys TEXT NOT NULL,
  operator_line_uri TEXT
);
