-- SPDX-License-Identifier: Apache-2.0
-- Who may end a deliberate lock: the help desk ends its own, an administrator everybody's.

ALTER TABLE pins ADD COLUMN locked_by_help_desk INTEGER NOT NULL DEFAULT 0 CHECK (locked_by_help_desk IN (0, 1));
