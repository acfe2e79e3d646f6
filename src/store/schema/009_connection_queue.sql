-- SPDX-License-Identifier: Apache-2.0
-- Who waits for a connection of a mail server: a row of the same kind that is no lease.

-- NULL: a leased connection. Else since when its process waits for one; `leased_until` is when it is given up.
ALTER TABLE relay_connections ADD COLUMN waiting_since BIGINT;
