// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace dialin {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kProblemsShown = 20;

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The heads of one chain in the store, in pages.
class StoredHeads {
 public:
  StoredHeads(AuditTrail& trail, std::string chain) : trail_(trail), chain_(std::move(chain)) {}
  // The next one; null: no more.
  const SignedHead* next() {
    if (at_ == page_.size()) {
      if (!page_.empty() && page_.size() < kPage) return nullptr;
      page_ = trail_.heads(chain_, last_, kPage);
      at_ = 0;
      if (page_.empty()) return nullptr;
    }
    last_ = page_[at_].number;
    return &page_[at_++];
  }

 private:
  AuditTrail& trail_;
  std::string chain_;
  std::vector<SignedHead> page_;
  std::size_t at_ = 0;
  std::int64_t last_ = 0;
};

class ChainVerification {
 public:
  ChainVerification(AuditTrail& trail, const VerificationRequest& request, const AuditChain& chain,
                    std::multimap<std::int64_t, const SignedHead*> outside, std::int64_t& most_chains)
      : trail_(trail),
        request_(request),
        chain_(chain),
        outside_(std::move(outside)),
        stored_(trail, chain.chain),
        most_chains_(most_chains),
        walk_(chain.chain, chain.archived_number, chain.archived_hash) {}

  ChainVerdict run() {
    verdict_.chain = chain_.chain;
    verdict_.archived = chain_.archived_number;
    stored_next_ = stored_.next();
    heads_up_to(chain_.archived_number);
    walk_lines();
    finish();
    verdict_.last = walk_.number();
    verdict_.problem_count = walk_.problem_count();
    verdict_.problems = walk_.problems();
    return std::move(verdict_);
  }

 private:
  void walk_lines() {
    std::int64_t after = chain_.archived_number;
    for (;;) {
      const std::vector<AuditLine> lines = trail_.of_chain(chain_.chain, after, kPage);
      for (const AuditLine& line : lines) {
        // What was written after the end was read is left to the next time.
        if (chain_.number > 0 && line.number > chain_.number) return;
        walk_.take(line);
        heads_up_to(line.number);
        after = line.number;
      }
      if (lines.size() < kPage) return;
    }
  }

  // Heads below or at `number`, which the walk has reached.
  void heads_up_to(std::int64_t number) {
    for (; stored_next_ != nullptr && stored_next_->number <= number; stored_next_ = stored_.next())
      judge(*stored_next_, "in the store", verdict_.proven_signed);
    while (!outside_.empty() && outside_.begin()->first <= number) {
      judge(*outside_.begin()->second, "from outside", verdict_.proven_outside);
      outside_.erase(outside_.begin());
    }
  }

  void judge(const SignedHead& head, const char* from, std::int64_t& proven) {
    if (!head.is_signed()) {
      walk_.problem(fmt::format("the head {} of line {} is not signed as it says", from, head.number));
      return;
    }
    most_chains_ = std::max(most_chains_, head.chains);
    // The lines of heads that were archived are not here; their last one is known.
    if (head.number < chain_.archived_number) return;
    const std::int64_t before = walk_.problem_count();
    walk_.compare(head, from);
    if (before == walk_.problem_count() && contains(request_.trusted_keys, head.public_key))
      proven = head.number;
  }

  void finish() {
    if (walk_.number() < chain_.number)
      walk_.problem(fmt::format("its end is cut off: it had {} lines, and the last one is {}", chain_.number,
                                walk_.number()));
    if (chain_.number == 0 && walk_.number() > 0)
      walk_.problem("the store has lost where it ends");
    else if (walk_.number() == chain_.number && walk_.hash() != chain_.hash)
      walk_.problem("its last line is not the one that was written last");
    for (; stored_next_ != nullptr; stored_next_ = stored_.next()) beyond(*stored_next_, "in the store");
    for (const auto& [number, head] : outside_) beyond(*head, "from outside");
  }

  void beyond(const SignedHead& head, const char* from) {
    if (!head.is_signed()) {
      walk_.problem(fmt::format("the head {} of line {} is not signed as it says", from, head.number));
    } else if (head.number > std::max(chain_.number, walk_.number())) {
      most_chains_ = std::max(most_chains_, head.chains);
      walk_.problem(fmt::format("its end is cut off: a head {} is of line {}, and the last one is {}", from,
                                head.number, walk_.number()));
    }
  }

  AuditTrail& trail_;
  const VerificationRequest& request_;
  const AuditChain& chain_;
  std::multimap<std::int64_t, const SignedHead*> outside_;
  StoredHeads stored_;
  const SignedHead* stored_next_ = nullptr;
  std::int64_t& most_chains_;
  ChainWalk walk_;
  ChainVerdict verdict_;
};

}  // namespace

ChainWalk::ChainWalk(std::string chain, std::int64_t number, std::string hash)
    : chain_(std::move(chain)), number_(number), hash_(std::move(hash)) {}

void ChainWalk::problem(std::string words) {
  if (++count_ <= static_cast<std::int64_t>(kProblemsShown)) problems_.push_back(std::move(words));
}

void ChainWalk::take(const AuditLine& line) {
  if (line.number != number_ + 1) {
    problem(line.number == number_ + 2
                ? fmt::format("line {} is missing", number_ + 1)
                : fmt::format("lines {} to {} are missing", number_ + 1, line.number - 1));
  } else if (line.previous_hash != hash_) {
    problem(
        fmt::format("line {} does not follow what stands before it: one of them was changed, or lines were "
                    "exchanged",
                    line.number));
  }
  if (audit_hash(line) != line.hash) problem(fmt::format("line {} was changed", line.number));
  number_ = line.number;
  hash_ = line.hash;
}

void ChainWalk::compare(const SignedHead& head, const char* from) {
  if (head.number != number_) {
    problem(fmt::format("line {}, of which there is a head {}, is missing", head.number, from));
  } else if (head.hash != hash_) {
    problem(fmt::format("line {} or one before it was changed: a head {} names another one", number_, from));
  }
}

bool AuditVerdict::whole() const {
  return problems.empty() && std::all_of(chains.begin(), chains.end(),
                                         [](const ChainVerdict& chain) { return chain.problem_count == 0; });
}

AuditVerdict verify_audit(AuditTrail& trail, const VerificationRequest& request) {
  AuditVerdict verdict;
  const std::vector<AuditChain> chains = trail.chains();
  std::map<std::string, std::multimap<std::int64_t, const SignedHead*>> outside;
  std::set<std::string> unknown_keys;
  for (const SignedHead& head : request.heads) {
    if (head.store_id != request.store_id) continue;
    outside[head.chain].emplace(head.number, &head);
    if (head.is_signed() && !contains(request.trusted_keys, head.public_key))
      unknown_keys.insert(head.public_key);
  }
  for (const std::string& key : unknown_keys)
    verdict.notes.push_back(fmt::format(
        "heads from outside are signed with the key {}, which is not known here: they prove nothing "
        "unless -PublicKey names it",
        key));
  std::int64_t most_chains = 0;
  for (const AuditChain& chain : chains) {
    auto heads = outside.extract(chain.chain);
    verdict.chains.push_back(ChainVerification(trail, request, chain,
                                               heads ? std::move(heads.mapped())
                                                     : std::multimap<std::int64_t, const SignedHead*>(),
                                               most_chains)
                                 .run());
  }
  for (const auto& [chain, heads] : outside) {
    verdict.problems.push_back(fmt::format("the chain {} is missing: a head from outside is of its line {}",
                                           chain, heads.rbegin()->first));
    for (const auto& [number, head] : heads) most_chains = std::max(most_chains, head->chains);
  }
  const auto present = static_cast<std::int64_t>(chains.size());
  if (outside.empty() && most_chains > present)
    verdict.problems.push_back(fmt::format(
        "a chain is missing: a head says that there were {}, and there are {}", most_chains, present));
  return verdict;
}

}  // namespace dialin
