-- SPDX-License-Identifier: Apache-2.0
-- Notices: rows of the outbox that tell a person's own address that their PIN was changed another way.

-- Not NULL: the row is a notice, and this is the address to which the PIN was mailed, '' if it was not. `kind` says
-- 'copy' of it too (a mail in an envelope of its own, which never becomes uncertain), because SQLite cannot change what
-- a table checks; its parent is the welcome that was mailed elsewhere, or where there is none the row itself.
ALTER TABLE welcomes ADD COLUMN notice TEXT CHECK (notice IS NULL OR kind = 'copy');
