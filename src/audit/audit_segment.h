// SPDX-License-Identifier: Apache-2.0
// A file of archived lines of one chain: JSON lines.
//
//   {"format":"dialin-audit-segment-v1","store":...,"chain":...,"first":1,"last":2000,"previous_hash":...}
//   {"number":1,"previous_hash":...,"hash":...,"at":...,"operator":...,"origin":...,"event":...,"person":...,
//    "detail":"{...}"}                       one a line of the trail, `at` in microseconds, `detail` as text
//   {"closing":"dialin-audit-head v1 ..."}   the signed head of the last line (store/audit_head.h)
//
// The head signs the last line's hash, and so all of them. The file holds internal ids and no names: a person
// can be erased after lines about them were archived.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_verification.h"

namespace dialin {

// Writes the lines from `chain.archived_number` + 1 to that of `closing`, in pages. Error(Precondition) if
// they are not whole: what was tampered with is not archived.
void write_segment(AuditTrail& trail, const AuditChain& chain, const SignedHead& closing,
                   const std::function<void(std::string_view)>& write);

struct SegmentVerdict {
  std::string store_id;
  std::string chain;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string previous_hash;
  std::optional<SignedHead> closing;
  bool trusted = false;  // the closing head is signed with one of the trusted keys
  std::vector<std::string> problems;
};

// `next_line` gives the file's lines without their ends. Error(InvalidInput) if it is no such file.
SegmentVerdict verify_segment(const std::function<std::optional<std::string>()>& next_line,
                              const std::vector<std::string>& trusted_keys);

}  // namespace dialin
